import { monotonicNs } from '../../../scenarios/clock.ts';
import { errorMessage, systemErrorCode } from '../../../scenarios/failures.ts';
import { otherEnd, type SessionEnd } from '../../../scenarios/session-end.ts';
import type { Adapter, Hear, OwnConnection, Said } from '../adapter.ts';
import type { TargetAddress } from '../target-address.ts';
import { endOfError } from '../../library/error-end.ts';
import { within } from '../time-limit.ts';
import { Came, type Link, type LinkEvents, type LinkOptions, openWords, targetOf } from './link.ts';

export type OwnAdapter = Extract<Adapter, { by: 'own' }>;

/** By a client that the adapter brings. What its connections carry it does not tell. */
export class OwnLink implements Link {
  readonly extraConnections = 0;
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  readonly #events: LinkEvents;
  #connection: OwnConnection | undefined;
  #closed = false;

  constructor(options: LinkOptions<OwnAdapter>, events: LinkEvents) {
    this.#events = events;
    void this.#connect(options);
  }

  say(said: Said): void {
    if (this.#connection?.say === undefined) throw new TypeError('its connection has no "say"');
    if (!this.#closed) this.#connection.say(said);
  }

  close(): void {
    this.#closed = true;
    if (this.#connection !== undefined) closeOwn(this.#connection);
  }

  async #connect({ adapter, address, limits }: LinkOptions<OwnAdapter>): Promise<void> {
    const hear = Object.assign(
      (data: string | Uint8Array) => {
        const receivedNs = monotonicNs();
        if (this.#closed) return;
        const came: unknown = data;
        if (typeof came === 'string') this.#events.came(new Came(came), receivedNs);
        else if (came instanceof Uint8Array) this.#events.came(new Came(Buffer.from(came)), receivedNs);
        else this.#end(otherEnd('the adapter\'s "connect" told "hear" what is neither a text nor bytes'));
      },
      { ended: (reason: string) => this.#end(otherEnd(openWords(String(reason as unknown), address))) },
    );
    try {
      const connecting = connectBy(adapter, address, hear);
      const connection = await within(limits.stepMs, connecting);
      if (connection === 'late') {
        this.#end({ code: 'silent' });
        // One that comes too late after all is not kept.
        connecting.then(
          (late) => {
            if (isConnection(late)) closeOwn(late);
          },
          () => undefined,
        );
        return;
      }
      if (!isConnection(connection)) {
        this.#end(otherEnd('the adapter\'s "connect" resolved to something without "close"'));
        return;
      }
      this.#connection = connection;
      if (this.#closed) closeOwn(connection);
      else this.#events.opened();
    } catch (error) {
      const failed = otherEnd(`its "connect" failed: ${openWords(errorMessage(error), address)}`);
      this.#end(systemErrorCode(error) === undefined ? failed : endOfError(error));
    }
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}

/** It is the user's own: it may throw before there is anything to wait for, and resolve to anything. */
async function connectBy({ connect }: OwnAdapter, address: TargetAddress, hear: Hear): Promise<unknown> {
  return connect(targetOf(address), hear);
}

function isConnection(value: unknown): value is OwnConnection {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}

/** What is wrong with a connection that nobody wants any more is of no figure. */
function closeOwn(connection: OwnConnection): void {
  try {
    connection.close();
  } catch {
    // It is gone all the same.
  }
}
