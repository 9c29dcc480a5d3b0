import type { Socket } from 'node:net';
import { EventSource } from 'eventsource';
import { type Dispatcher, fetch } from 'undici';
import { monotonicNs } from '../../../scenarios/clock.ts';
import type { SessionEnd } from '../../../scenarios/session-end.ts';
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
import { endOfError, endOfStatus } from '../error-end.ts';
import { headerFields } from '../header-fields.ts';
import { Sockets } from '../sockets.ts';
import { openUndici, speaksHttp2 } from '../undici-client.ts';
import { UndiciPosts } from '../undici-posts.ts';

const OK = 200;

/**
 * Listens with `eventsource`, which reads by undici's fetch. Its first failure is its end: it is let come back by itself only where it
 * is a stock client. Where other channels are to be followed a second one takes over, and what is said goes by POSTs of undici. Over
 * HTTP/2 all of that shares one connection.
 */
class EventSourceSession implements Session {
  /** Only where it comes back by itself. */
  readonly cut?: () => void;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #following: Following;
  readonly #sockets = new Sockets();
  /** Over HTTP/2. */
  readonly #shared: SharedConnection | undefined;
  readonly #path = transportRow('sse').path;
  readonly #sources: Takeover<ListeningSource>;
  readonly #speech: Speech<UndiciPosts>;
  #isCut = false;
  #isAway = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    this.#reader = new FeedReader(events, options.position);
    this.#following = new Following(options);
    this.#shared = speaksHttp2(options.values) ? openConnection(options, this.#sockets) : undefined;
    if (options.stock?.hasOneNode === true) this.cut = () => this.#cut();
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
          ...(this.#shared !== undefined && { shared: this.#shared.client }),
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
    void this.#shared?.client.destroy();
  }

  #cut(): void {
    this.#isCut = true;
    this.#sources.current.cut();
  }

  #listen(): ListeningSource {
    const { host, port, authority } = this.#options;
    const { position } = this.#reader;
    const since = position.kind === 'after' ? position.seq : 0;
    const scheme = authority === undefined ? 'http' : 'https';
    const url = `${scheme}://${host}:${port}${this.#path}?since=${since}${this.#following.query}`;
    let stands = false;
    const connection = this.#shared ?? openConnection(this.#options, this.#sockets);
    const source: ListeningSource = openSource(url, this.#options, {
      sockets: this.#sockets,
      connection,
      isShared: connection === this.#shared,
      opened: () => {
        if (this.#isAway) this.#back();
        if (!stands) this.#sources.stand();
        stands = true;
      },
      away: (end) => {
        if (source === this.#sources.current) this.#away(end);
      },
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

  #away(end: SessionEnd): void {
    if (this.#closed) return;
    if (this.#isAway) this.#events.tries?.();
    else this.#events.dropped?.(this.#isCut ? { code: 'cut' } : end, this.#options);
    this.#isAway = true;
    this.#isCut = false;
  }

  #back(): void {
    this.#isAway = false;
    this.#events.tries?.();
    this.#events.back?.();
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.lost(end);
  }
}

interface ListeningSource {
  /** Its connection goes. */
  cut(): void;
  close(): void;
}

interface SourceEvents {
  readonly sockets: Sockets;
  readonly connection: SharedConnection;
  readonly isShared: boolean;
  opened(): void;
  message(data: string): void;
  /** It comes back by itself: its connection has gone, or a try has failed. */
  away(end: SessionEnd): void;
  ended(end: SessionEnd): void;
}

/** What requests go over, and how that is cut. */
interface SharedConnection {
  readonly client: Dispatcher;
  cut(): void;
}

function openConnection(options: SessionOptions, sockets: Sockets): SharedConnection {
  let socket: Socket | undefined;
  const connect = countingConnector(options, sockets, (connected) => {
    socket = connected;
  });
  return { client: openUndici(options, connect), cut: () => socket?.destroy() };
}

/** An EventSource over that connection. */
function openSource(
  url: string,
  { host, port, headers, member, values, stock }: SessionOptions,
  events: SourceEvents,
): ListeningSource {
  const { sockets, connection, isShared } = events;
  const { client } = connection;
  const fields = headerFields(memberRequest(member, values.auth).headers(headers.events(`${host}:${port}`)), values);
  let cause: SessionEnd | undefined;
  const source = new EventSource(url, {
    fetch: async (target, init) => {
      cause = undefined;
      try {
        const answer = await fetch(target, { ...init, headers: { ...init.headers, ...fields }, dispatcher: client });
        if (answer.status !== OK) cause = endOfStatus(answer.status, answer.statusText);
        return answer;
      } catch (error) {
        cause = endOfError(error);
        throw error;
      }
    },
  });
  hear(source, events, { mayReturn: stock?.hasOneNode === true, end: () => cause ?? sockets.end });
  return {
    cut: () => connection.cut(),
    close: () => {
      source.close();
      if (!isShared) void client.destroy();
    },
  };
}

interface Endings {
  /** Whether it is let come back by itself. */
  readonly mayReturn: boolean;
  readonly end: () => SessionEnd;
}

function hear(source: EventSource, events: SourceEvents, { mayReturn, end }: Endings): void {
  let wasOpen = false;
  source.addEventListener('open', () => {
    wasOpen = true;
    events.opened();
  });
  source.addEventListener('message', (event) => {
    const { data } = event as { readonly data: string };
    events.message(data);
  });
  source.addEventListener('error', () => {
    if (wasOpen && mayReturn && source.readyState === source.CONNECTING) {
      events.away(end());
      return;
    }
    source.close();
    events.ended(end());
  });
}

export const openSession: OpenSession = (options, events) => new EventSourceSession(options, events);
