import { EventSource } from 'eventsource';
import { Client, fetch } from 'undici';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { type SessionEnd, statusEnd } from '../../../scenarios/session-end.ts';
import { Following } from '../../../servers/asking/following.ts';
import { Speech } from '../../../servers/asking/speech.ts';
import { Takeover } from '../../../servers/asking/takeover.ts';
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
  readonly #sources: Takeover<ListeningSource>;
  readonly #speech: Speech<UndiciPosts>;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    this.#reader = new FeedReader(events, options.position);
    this.#following = new Following(options);
    this.#sources = new Takeover({
      ask: () => this.#listen(),
      isWanted: () => this.#following.hasChanged,
      opened: () => events.opened(),
      reopened: () => events.reopened(),
    });
    this.#speech = new Speech({
      following: this.#following,
      changed: () => queueMicrotask(() => this.#sources.askAnew()),
      openPosts: () =>
        new UndiciPosts(this.#path, {
          options,
          sockets: this.#sockets,
          events: { reopened: () => events.reopened(), ended: (end) => this.#fail(end) },
        }),
    });
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
    this.#speech.say(command, answered);
  }

  close(): void {
    this.#closed = true;
    this.#sources.close();
    this.#speech.close();
  }

  #listen(): ListeningSource {
    const { host, port } = this.#options;
    const { position } = this.#reader;
    const since = position.kind === 'after' ? position.seq : 0;
    const url = `http://${host}:${port}${this.#path}?since=${since}${this.#following.query}`;
    const source: ListeningSource = openSource(url, this.#options, {
      sockets: this.#sockets,
      opened: () => this.#sources.stand(),
      message: (data) => {
        const receivedNs = monotonicNs();
        if (this.#closed || source !== this.#sources.current) return;
        this.#sockets.handle(() => this.#reader.accept(Buffer.from(data), receivedNs));
      },
      ended: (end) => {
        if (source === this.#sources.current) this.#fail(end);
      },
    });
    this.#following.asked(position);
    return source;
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
