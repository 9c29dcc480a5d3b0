import { monotonicNs } from '../../../scenarios/clock.ts';
import { errorMessage } from '../../../scenarios/failures.ts';
import { otherEnd, type SessionEnd } from '../../../scenarios/session-end.ts';
import type { Adapter, OwnConnection, Said } from '../adapter.ts';
import { within } from '../time-limit.ts';
import { Came, type Link, type LinkEvents, type LinkOptions, targetOf } from './link.ts';

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
    this.#connection?.close();
  }

  async #connect({ adapter, address, limits }: LinkOptions<OwnAdapter>): Promise<void> {
    const hear = Object.assign(
      (data: string | Uint8Array) => {
        const receivedNs = monotonicNs();
        const came = new Came(typeof data === 'string' ? data : Buffer.from(data));
        if (!this.#closed) this.#events.came(came, receivedNs);
      },
      { ended: (reason: string) => this.#end(otherEnd(reason)) },
    );
    try {
      const connecting = adapter.connect(targetOf(address), hear);
      const connection = await within(limits.stepMs, connecting);
      if (connection === 'late') {
        this.#end({ code: 'silent' });
        // One that comes too late after all is not kept.
        connecting.then(
          (late) => late.close(),
          () => undefined,
        );
        return;
      }
      this.#connection = connection;
      if (this.#closed) connection.close();
      else this.#events.opened();
    } catch (error) {
      this.#end(otherEnd(`its "connect" failed: ${errorMessage(error)}`));
    }
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.ended(end);
  }
}
