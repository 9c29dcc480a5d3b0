import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { printable } from '../../scenarios/printable.ts';
import { otherEnd, type SessionEnd } from '../../scenarios/session-end.ts';
import type { OpenSession, Session, SessionEvents, SessionOptions } from '../../servers/transport.ts';
import type { Adapter, Incoming, Numbered } from './adapter.ts';
import type { Limits } from './links/link.ts';
import { openLink } from './links/open-link.ts';
import { numberedHeader, readEnvelope, readIncoming } from './readings.ts';
import type { TargetAddress } from './target-address.ts';

/** What is so of all sessions of a process. */
export interface AdaptedSite {
  readonly adapter: Adapter;
  readonly address: TargetAddress;
  /** How far the server's clock is ahead of the monotonic one; undefined where nobody knows. */
  readonly offsetMs: number | undefined;
  /** More than so many messages that are none of the feed's are a flood. */
  readonly mostMessages: number;
  /** Told how each session ends by itself, and what is wrong with the adapter, before the session's owner is. */
  readonly onEnd: (end: SessionEnd) => void;
  readonly seen: SeenMessages;
  readonly limits: Limits;
}

/** What came in a process, for who has to say that nothing of it could be read. */
export class SeenMessages {
  came = 0;
  read = 0;
  /** Of a time before the trial: a server that keeps what was said tells it to who comes later. */
  earlier = 0;
  first: string | undefined;
}

/** Follows the feed of somebody's own server by what an adapter says of it. */
class AdaptedSession implements Session {
  readonly #site: AdaptedSite;
  readonly #events: SessionEvents;
  readonly #link: ReturnType<typeof openLink>;
  readonly #openedNs = monotonicNs();
  readonly #impatience: NodeJS.Timeout;
  readonly #client: number;
  #last = 0;
  #inAnswer = 0;
  #came = 0;
  #stands = false;
  #closed = false;

  constructor(site: AdaptedSite, { poll, client = 0 }: SessionOptions, events: SessionEvents) {
    this.#site = site;
    this.#events = events;
    this.#client = client;
    this.#impatience = setTimeout(() => this.#end({ code: 'silent' }), 2 * site.limits.stepMs);
    this.#link = openLink(
      { adapter: site.adapter, address: site.address, limits: site.limits, poll, last: () => this.#last },
      {
        opened: () => this.#subscribe(),
        came: (came, receivedNs) => this.#take(came, receivedNs),
        answered: (receivedNs) => {
          events.answered(this.#inAnswer, receivedNs);
          this.#inAnswer = 0;
        },
        reopened: () => events.reopened(),
        ended: (end) => this.#end(end),
      },
    );
  }

  get extraConnections(): number {
    return this.#link.extraConnections;
  }

  get bytesRead(): number {
    return this.#link.bytesRead;
  }

  get bytesWritten(): number {
    return this.#link.bytesWritten;
  }

  say(): void {
    throw new TypeError('clients of a server that is not ours only listen');
  }

  close(): void {
    clearTimeout(this.#impatience);
    this.#closed = true;
    this.#link.close();
  }

  #subscribe(): void {
    const { adapter } = this.#site;
    if (adapter.by === 'own') {
      this.#stand();
      return;
    }
    try {
      for (const said of adapter.subscribe?.(this.#client) ?? []) this.#link.say(said);
    } catch (error) {
      this.#blame(`"subscribe" failed: ${errorMessage(error)}`);
      return;
    }
    if (adapter.subscribed === undefined) this.#stand();
  }

  #stand(): void {
    if (this.#stands || this.#closed) return;
    this.#stands = true;
    clearTimeout(this.#impatience);
    this.#events.opened();
  }

  #take(came: Incoming, receivedNs: number): void {
    const { adapter, seen, mostMessages } = this.#site;
    this.#came += 1;
    seen.came += 1;
    seen.first ??= came.text.slice(0, 200);
    if (this.#came > mostMessages) {
      this.#end(otherEnd(`a flood: more than ${mostMessages} messages came to a client, several times the feed`));
      return;
    }
    if (!this.#stands && adapter.by !== 'own') this.#lookForSubscription(adapter, came);
    const reading = readIncoming(adapter, came);
    if (reading.kind === 'wrong')
      this.#events.foreign(Buffer.from(`${came.text.slice(0, 40)} (the adapter's ${reading.words})`));
    if (reading.kind === 'messages') for (const read of reading.reads) this.#tell(read, { came, receivedNs });
  }

  #lookForSubscription({ subscribed }: Exclude<Adapter, { by: 'own' }>, came: Incoming): void {
    try {
      if (subscribed?.(came) === true) this.#stand();
    } catch (error) {
      this.#blame(`"subscribed" threw ${errorMessage(error)}`);
    }
  }

  #tell(read: string | Numbered, { came, receivedNs }: { came: Incoming; receivedNs: number }): void {
    if (this.#closed) return;
    if (typeof read !== 'string') {
      this.#message(numberedHeader(read, this.#site.offsetMs), came.bytes.length, receivedNs);
      return;
    }
    const found = readEnvelope(read);
    if (found === undefined) {
      this.#events.foreign(Buffer.from(read));
      return;
    }
    const { header, bytes } = found;
    if (header.intact && header.publishedNs < this.#openedNs) this.#site.seen.earlier += 1;
    else this.#message(header, bytes.length, receivedNs);
  }

  #message(header: Parameters<SessionEvents['message']>[0], payloadBytes: number, receivedNs: number): void {
    this.#site.seen.read += 1;
    this.#inAnswer += 1;
    if (header.intact) this.#last = Math.max(this.#last, header.seq);
    this.#events.message(header, payloadBytes, receivedNs);
  }

  #blame(words: string): void {
    this.#end(otherEnd(`the adapter's ${printable(words)}`));
  }

  #end(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#site.onEnd(end);
    this.#events.lost(end);
  }
}

export function adaptedSession(site: AdaptedSite): OpenSession {
  return (options, events) => new AdaptedSession(site, options, events);
}
