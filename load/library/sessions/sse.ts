import { EventSource } from 'eventsource';
import { Client, fetch } from 'undici';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { type SessionEnd, statusEnd } from '../../../scenarios/session-end.ts';
import { Following, isChange } from '../../../servers/asking/following.ts';
import { transportRow } from '../../../servers/registry.ts';
import type {
  Answered,
  OpenSession,
  Session,
  SessionCommand,
  SessionEvents,
  SessionOptions,
} from '../../../servers/transport.ts';
import { FeedReader } from '../../../servers/wire/feed-reader.ts';
import { memberRequest } from '../../../servers/hub/member-request.ts';
import { countingConnector } from '../counting-connector.ts';
import { endOfError } from '../error-end.ts';
import { headerFields } from '../header-fields.ts';
import { Sockets } from '../sockets.ts';
import { UndiciPosts } from '../undici-posts.ts';

const OK = 200;

/**
 * Listens with `eventsource`, which reads by undici's fetch. Its first failure is its end: it is not let come back by itself. Where
 * other channels are to be followed a second one takes over, and what is said goes by POSTs of undici.
 */
class EventSourceSession implements Session {
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #following: Following;
  readonly #sockets = new Sockets();
  readonly #path = transportRow('sse').path;
  #source: ListeningSource;
  /** The one before, while the new one does not stand. */
  #before: ListeningSource | undefined;
  #posts: UndiciPosts | undefined;
  #stands = false;
  #wasOpened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    this.#reader = new FeedReader(events, options.position);
    this.#following = new Following(options);
    this.#source = this.#listen();
  }

  get extraConnections(): number {
    return this.#sockets.extra;
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  say(command: SessionCommand, answered: Answered): void {
    if (this.#closed) return;
    if (isChange(command)) {
      this.#following.change(command, answered);
      queueMicrotask(() => this.#listenAnew());
      return;
    }
    this.#posts ??= new UndiciPosts(this.#path, {
      options: this.#options,
      sockets: this.#sockets,
      events: { reopened: () => this.#events.reopened(), ended: (end) => this.#fail(end) },
    });
    this.#posts.say(command, answered);
  }

  close(): void {
    this.#closed = true;
    this.#source.close();
    this.#before?.close();
    this.#posts?.close();
  }

  #listen(): ListeningSource {
    const { host, port } = this.#options;
    const { position } = this.#reader;
    const since = position.kind === 'after' ? position.seq : 0;
    const url = `http://${host}:${port}${this.#path}?since=${since}${this.#following.query}`;
    const source: ListeningSource = openSource(url, this.#options, {
      sockets: this.#sockets,
      opened: () => this.#opened(),
      message: (data) => {
        const receivedNs = monotonicNs();
        if (this.#closed || source !== this.#source) return;
        this.#sockets.handle(() => this.#reader.accept(Buffer.from(data), receivedNs));
      },
      ended: (end) => {
        if (source === this.#source) this.#fail(end);
      },
    });
    return source;
  }

  /** While one is on its way it is waited for; it may be for other channels already. */
  #listenAnew(): void {
    if (this.#closed || !this.#stands || !this.#following.hasChanged) return;
    this.#stands = false;
    this.#before = this.#source;
    this.#source = this.#listen();
    this.#following.asked(this.#reader.position);
  }

  #opened(): void {
    if (this.#closed) return;
    this.#stands = true;
    this.#before?.close();
    this.#before = undefined;
    if (this.#wasOpened) this.#events.reopened();
    else this.#events.opened();
    this.#wasOpened = true;
    this.#listenAnew();
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.lost(end);
  }
}

interface ListeningSource {
  close(): void;
}

interface SourceEvents {
  readonly sockets: Sockets;
  opened(): void;
  message(data: string): void;
  ended(end: SessionEnd): void;
}

/** An EventSource over a connection of its own. */
function openSource(
  url: string,
  { host, port, headers, member, values }: SessionOptions,
  events: SourceEvents,
): ListeningSource {
  const { sockets } = events;
  const place = `${host}:${port}`;
  const client = new Client(`http://${place}`, { connect: countingConnector(sockets, () => undefined) });
  const fields = headerFields(memberRequest(member, values.auth).headers(headers.events(place)));
  let cause: SessionEnd | undefined;
  const source = new EventSource(url, {
    fetch: async (target, init) => {
      try {
        const answer = await fetch(target, { ...init, headers: { ...init.headers, ...fields }, dispatcher: client });
        if (answer.status !== OK) cause = statusEnd(answer.status, answer.statusText);
        return answer;
      } catch (error) {
        cause = endOfError(error);
        throw error;
      }
    },
  });
  source.addEventListener('open', () => events.opened());
  source.addEventListener('message', (event) => {
    const { data } = event as { readonly data: string };
    events.message(data);
  });
  source.addEventListener('error', () => {
    // It would come back by itself.
    source.close();
    events.ended(cause ?? sockets.end);
  });
  return {
    close: () => {
      source.close();
      void client.destroy();
    },
  };
}

export const openSession: OpenSession = (options, events) => new EventSourceSession(options, events);
