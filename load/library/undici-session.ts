import { Client, type Dispatcher, interceptors } from 'undici';
import { monotonicNs } from '../../scenarios/clock.ts';
import { type SessionEnd, statusEnd } from '../../scenarios/session-end.ts';
import { FeedReader } from '../../servers/wire/feed-reader.ts';
import type { Session, SessionEvents, SessionOptions } from '../../servers/transport.ts';
import { countingConnector } from './counting-connector.ts';
import { endOfError } from './error-end.ts';
import { headerFields } from './header-fields.ts';
import { Sockets } from './sockets.ts';

const OK = 200;

/** What the owner of a session does besides: it decides when the next request goes out. */
interface Pace {
  /** After each answer, when the next request may be sent. */
  answered(): void;
  /** The session ended by itself: there is nothing to wait for any more. */
  ended(): void;
}

/** Follows the feed by one request of undici after the other, over one connection that is kept. */
export class UndiciSession implements Session {
  readonly #client: Client;
  /** The client, with what is done to its answers. */
  readonly #dispatcher: Dispatcher;
  readonly #sockets = new Sockets();
  readonly #reader: FeedReader;
  readonly #events: SessionEvents;
  readonly #pace: Pace;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  #connections = 0;
  /** Whether an answer has come over the connection at hand: then the server may close it at any moment (RFC 9112, section 9.3). */
  #isUsed = false;
  #isAsking = false;
  #opened = false;
  #closed = false;

  constructor(path: string, { options, events, pace }: { options: SessionOptions; events: SessionEvents; pace: Pace }) {
    const host = `${options.host}:${options.port}`;
    this.#path = path;
    const isCompressed = options.values.compression === 'gzip';
    this.#headers = {
      ...(isCompressed && { 'Accept-Encoding': 'gzip' }),
      ...headerFields(options.headers.fetch(host)),
    };
    this.#events = events;
    this.#pace = pace;
    this.#reader = new FeedReader(events, options.position);
    this.#client = new Client(`http://${host}`, { connect: countingConnector(this.#sockets, () => this.#connected()) });
    this.#dispatcher = isCompressed ? this.#client.compose(interceptors.decompress()) : this.#client;
    this.request();
  }

  get bytesRead(): number {
    return this.#sockets.bytesRead;
  }

  get bytesWritten(): number {
    return this.#sockets.bytesWritten;
  }

  /** Asks for what comes after the last message; does nothing while an answer is still awaited. */
  request(): void {
    if (this.#closed || this.#isAsking) return;
    this.#isAsking = true;
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
    void this.#client.destroy();
  }

  #connected(): void {
    this.#connections += 1;
    this.#isUsed = false;
    if (this.#connections > 1 && !this.#closed) this.#events.reopened();
  }

  async #ask(): Promise<void> {
    const { position } = this.#reader;
    const query = position.kind === 'after' ? `?since=${position.seq}` : '';
    let hasBegun = false;
    try {
      const { statusCode, statusText, headers, body } = await this.#dispatcher.request({
        method: 'GET',
        path: `${this.#path}${query}`,
        headers: this.#headers,
      });
      hasBegun = true;
      const bytes = Buffer.from(await body.arrayBuffer());
      if (statusCode !== OK) this.#fail(statusEnd(statusCode, statusText));
      // What inflates an answer takes the field away.
      else if ('content-encoding' in headers) this.#fail({ code: 'protocol', cause: 'content-encoding' });
      else this.#answer(bytes, monotonicNs());
    } catch (error) {
      this.#failed(endOfError(error), hasBegun);
    }
  }

  #answer(body: Buffer, receivedNs: number): void {
    if (this.#closed) return;
    this.#isAsking = false;
    this.#isUsed = true;
    this.#sockets.handle(() => {
      const messages = this.#reader.acceptAnswer(body, receivedNs, () => !this.#closed);
      if (this.#closed) return;
      if (messages === 0) this.#reader.startOfFeed();
      this.#events.answered(messages, receivedNs);
    });
    if (!this.#opened) {
      this.#opened = true;
      this.#events.opened();
    }
    if (!this.#closed) this.#pace.answered();
  }

  /** A request that met the close of a connection that was used before is sent once more (RFC 9112, section 9.3.1). */
  #failed(end: SessionEnd, hasBegun: boolean): void {
    if (this.#closed) return;
    const isOfConnection = end.code === 'connection-closed' || end.code === 'connection-lost';
    const goesOn = this.#isUsed && !hasBegun && isOfConnection;
    this.#isUsed = false;
    if (goesOn) void this.#ask();
    else this.#fail(end);
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#pace.ended();
    this.#events.lost(end);
  }
}
