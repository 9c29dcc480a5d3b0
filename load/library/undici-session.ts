import { type Dispatcher, interceptors } from 'undici';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { Following, tabOf } from '../../servers/asking/following.ts';
import { KnownState } from '../../servers/asking/known-state.ts';
import { Speech } from '../../servers/asking/speech.ts';
import type { Answered, Session, SessionCommand, SessionEvents, SessionOptions } from '../../servers/transport.ts';
import { readerOf } from '../../servers/wire/state-reader.ts';
import { memberRequest } from '../../servers/hub/member-request.ts';
import { countingConnector } from './counting-connector.ts';
import { endOfError, endOfStatus } from './error-end.ts';
import { headerFields } from './header-fields.ts';
import { Sockets } from './sockets.ts';
import { openUndici, speaksHttp2 } from './undici-client.ts';
import { UndiciPosts } from './undici-posts.ts';

const OK = 200;

/** What the owner of a session does besides: it decides when the next request goes out. */
interface Pace {
  /** Absent: the first request goes out at once. */
  readonly waits?: boolean;
  /** After each answer, which had so many messages, when the next request may be sent. */
  answered(messages: number): void;
  /** The next request is for other channels. Absent: it goes out in its time. */
  changed?(): void;
  /** The session ended by itself: there is nothing to wait for any more. */
  ended(): void;
}

/** A request that is under way. */
interface Asking {
  readonly givenUp: AbortController;
  /** Its answer has. */
  hasBegun: boolean;
}

/**
 * Follows the feed by one request of undici after the other, over one connection that is kept; what it says goes over another, or
 * beside them over HTTP/2.
 */
export class UndiciSession implements Session {
  readonly #client: Dispatcher;
  readonly #isShared: boolean;
  /** The client, with what is done to its answers. */
  readonly #dispatcher: Dispatcher;
  readonly #sockets = new Sockets();
  readonly #reader: ReturnType<typeof readerOf>;
  readonly #events: SessionEvents;
  readonly #pace: Pace;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  /** Undefined of who asks for what comes after the last message. */
  readonly #state: KnownState | undefined;
  readonly #member: SessionOptions['member'];
  readonly #following: Following;
  readonly #speech: Speech<UndiciPosts>;
  readonly #tab: string;
  #connections = 0;
  /** Whether an answer has come over the connection at hand: then the server may close it at any moment (RFC 9112, section 9.3). */
  #isUsed = false;
  #asking: Asking | undefined;
  #opened = false;
  #closed = false;

  constructor(path: string, { options, events, pace }: { options: SessionOptions; events: SessionEvents; pace: Pace }) {
    const host = `${options.host}:${options.port}`;
    this.#path = path;
    const isCompressed = options.values.compression === 'gzip';
    this.#headers = {
      ...(isCompressed && { 'Accept-Encoding': 'gzip' }),
      ...headerFields(
        memberRequest(options.member, options.values.auth).headers(options.headers.fetch(host)),
        options.values,
      ),
    };
    this.#member = options.member;
    this.#following = new Following(options);
    this.#speech = new Speech({
      following: this.#following,
      changed: () => pace.changed?.(),
      openPosts: () =>
        new UndiciPosts(path, {
          options,
          sockets: this.#sockets,
          ...(this.#isShared && { shared: this.#client }),
          events: { reopened: () => events.reopened(), ended: (end) => this.#fail(end) },
        }),
    });
    this.#tab = tabOf(options.member);
    this.#events = events;
    this.#pace = pace;
    this.#state = options.values.ask === 'etag' ? new KnownState(options.remembered) : undefined;
    this.#reader = readerOf(events, options, () => this.#state?.tag !== undefined);
    this.#isShared = speaksHttp2(options.values);
    this.#client = openUndici(
      options,
      countingConnector(options, this.#sockets, () => this.#connected()),
    );
    this.#dispatcher = isCompressed ? this.#client.compose(interceptors.decompress()) : this.#client;
    if (pace.waits !== true) this.request();
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

  /** What the next session of this client shows. */
  get remembered(): string | undefined {
    return this.#state?.tag;
  }

  /** Asks for what comes after the last message; does nothing while an answer is still awaited. */
  request(): void {
    if (this.#closed || this.#asking !== undefined) return;
    this.#asking = { givenUp: new AbortController(), hasBegun: false };
    const { position } = this.#reader;
    const saysPlace = this.#state?.saysPlace(this.#opened) ?? true;
    const since = position.kind === 'after' && saysPlace ? `&since=${position.seq}` : '';
    void this.#ask(this.#asking, `${since}${this.#following.query}${this.#tab}`);
    this.#following.asked(position);
  }

  /** Where the next request is for other channels it goes out now, and one that is held is given up for it. */
  askAnew(): void {
    if (!this.#following.hasChanged) return;
    if (this.#asking?.hasBegun === false) {
      this.#asking.givenUp.abort();
      this.#asking = undefined;
    }
    this.request();
  }

  say(command: SessionCommand, answered: Answered): void {
    this.#speech.say(command, answered);
  }

  close(): void {
    if (this.#closed) return;
    if (this.#member === undefined || !this.#opened) {
      this.#end();
      this.#speech.close();
    } else this.#leave(this.#member.user);
  }

  /** Over a connection that is shared the goodbye goes before all else does. */
  #leave(user: string): void {
    this.#closed = true;
    if (this.#isShared) this.#asking?.givenUp.abort();
    else void this.#client.destroy();
    this.#speech.goodbye(user, this.#tab);
  }

  #end(): void {
    this.#closed = true;
    void this.#client.destroy();
  }

  #connected(): void {
    this.#connections += 1;
    this.#isUsed = false;
    if (this.#connections > 1 && !this.#closed) this.#events.reopened();
  }

  async #ask(asking: Asking, query: string): Promise<void> {
    const tag = this.#state?.tag;
    try {
      const { statusCode, statusText, headers, body } = await this.#dispatcher.request({
        method: 'GET',
        path: query === '' ? this.#path : `${this.#path}?${query.slice(1)}`,
        headers: tag === undefined ? this.#headers : { ...this.#headers, 'If-None-Match': tag },
        signal: asking.givenUp.signal,
      });
      asking.hasBegun = true;
      const bytes = Buffer.from(await body.arrayBuffer());
      if (this.#state?.isSame(statusCode) === true) this.#answer(undefined, monotonicNs());
      else if (statusCode !== OK) this.#fail(endOfStatus(statusCode, statusText));
      // What inflates an answer takes the field away.
      else if ('content-encoding' in headers) this.#fail({ code: 'protocol', cause: 'content-encoding' });
      else {
        this.#state?.given(headers.etag?.toString());
        this.#answer(bytes, monotonicNs());
      }
    } catch (error) {
      if (!asking.givenUp.signal.aborted) this.#failed(endOfError(error), { asking, query });
    }
  }

  /** Without a body nothing has changed. */
  #answer(body: Buffer | undefined, receivedNs: number): void {
    if (this.#closed) return;
    this.#asking = undefined;
    this.#isUsed = true;
    // Who is back is so before it hears what it has missed.
    if (!this.#opened) {
      this.#opened = true;
      this.#events.opened();
    }
    let messages = 0;
    this.#sockets.handle(() => {
      messages = body === undefined ? 0 : this.#reader.acceptAnswer(body, receivedNs, () => !this.#closed);
      if (this.#closed) return;
      if (messages === 0) this.#reader.startOfFeed();
      this.#events.answered(messages, receivedNs);
    });
    if (!this.#closed) this.#pace.answered(messages);
  }

  /** A request that met the close of a connection that was used before is sent once more (RFC 9112, section 9.3.1). */
  #failed(end: SessionEnd, { asking, query }: { asking: Asking; query: string }): void {
    if (this.#closed) return;
    const isOfConnection = end.code === 'connection-closed' || end.code === 'connection-lost';
    const goesOn = this.#isUsed && !asking.hasBegun && isOfConnection;
    this.#isUsed = false;
    if (goesOn) void this.#ask(asking, query);
    else this.#fail(end);
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.#end();
    this.#speech.close();
    this.#pace.ended();
    this.#events.lost(end);
  }
}
