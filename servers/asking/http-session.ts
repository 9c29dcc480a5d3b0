import type { SessionEnd } from '../../scenarios/session-end.ts';
import { acceptingGzip } from '../compression/accept-encoding.ts';
import { AnswerBody } from '../wire/answer-body.ts';
import type { AnswerHead } from '../wire/answer-head.ts';
import { readerOf } from '../wire/state-reader.ts';
import { HttpConnection } from '../wire/http-connection.ts';
import { memberRequest } from '../hub/member-request.ts';
import type { Answered, Session, SessionCommand, SessionEvents, SessionOptions } from '../transport.ts';
import { CommandPosts } from './command-posts.ts';
import { Following, tabOf } from './following.ts';
import { KnownState } from './known-state.ts';
import { Speech } from './speech.ts';

/** What the owner of a session decides: where it asks, and when the next request goes out. */
interface Pace {
  readonly path: string;
  /** Absent: the first request goes out at once. */
  readonly waits?: boolean;
  /** After each answer, which had so many messages, when the next request may be sent. */
  answered(messages: number): void;
  /** The next request is for other channels. Absent: it goes out in its time. */
  changed?(): void;
  /** The session ended by itself: there is nothing to wait for any more. */
  ended(): void;
}

/**
 * Follows the feed by one GET after the other: what to ask for next, and what the answers hold. What the client says goes by
 * POSTs over another connection, and which channels it follows stands in what it asks for.
 */
export class HttpSession implements Session {
  readonly #connection: HttpConnection;
  readonly #reader: ReturnType<typeof readerOf>;
  readonly #events: SessionEvents;
  /** Of a request what is behind its target, but for the empty line. */
  readonly #head: string;
  /** Undefined of who asks for what comes after the last message. */
  readonly #state: KnownState | undefined;
  readonly #pace: Pace;
  readonly #body: AnswerBody;
  readonly #member: SessionOptions['member'];
  readonly #following: Following;
  readonly #speech: Speech<CommandPosts>;
  readonly #tab: string;
  /** The answer at hand says that nothing has changed. */
  #isSame = false;
  #opened = false;
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents, pace: Pace) {
    const host = `${options.host}:${options.port}`;
    const readsGzip = options.values.compression === 'gzip';
    const profile = readsGzip ? acceptingGzip(options.headers.fetch(host)) : options.headers.fetch(host);
    const headers = memberRequest(options.member, options.values.auth).headers(profile);
    this.#body = new AnswerBody(readsGzip);
    this.#member = options.member;
    this.#following = new Following(options);
    this.#speech = new Speech({
      following: this.#following,
      changed: () => pace.changed?.(),
      openPosts: () =>
        new CommandPosts(pace.path, {
          options,
          events: { reopened: () => events.reopened(), ended: (end) => this.#go(end) },
        }),
    });
    this.#tab = tabOf(options.member);
    this.#head = [' HTTP/1.1', `Host: ${host}`, 'Connection: keep-alive', ...headers, ''].join('\r\n');
    this.#state = options.values.ask === 'etag' ? new KnownState(options.remembered) : undefined;
    this.#events = events;
    this.#pace = pace;
    this.#reader = readerOf(events, options, () => this.#state?.tag !== undefined);
    this.#connection = new HttpConnection(options, {
      head: (head) => this.#begin(head),
      body: (bytes, isLast) => this.#go(this.#body.take(bytes, isLast)),
      answered: (receivedNs) => this.#answer(receivedNs),
      reopened: () => events.reopened(),
      ended: (end) => this.#go(end),
    });
    if (pace.waits !== true) this.request();
  }

  get extraConnections(): number {
    return Number(this.#speech.posts?.isConnected ?? false);
  }

  get bytesRead(): number {
    return this.#connection.bytesRead + (this.#speech.posts?.bytesRead ?? 0);
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten + (this.#speech.posts?.bytesWritten ?? 0);
  }

  /** Asks for what comes after the last message; does nothing while an answer is still awaited. */
  request(): void {
    if (this.#closed || this.#connection.isAsking) return;
    const { position } = this.#reader;
    // Without `since` every door answers at once, with all it has: that confirms the subscription.
    const saysPlace = this.#state?.saysPlace(this.#opened) ?? true;
    const since = position.kind === 'after' && saysPlace ? `&since=${position.seq}` : '';
    const query = `${since}${this.#following.query}${this.#tab}`;
    const target = `${this.#pace.path}${query === '' ? '' : `?${query.slice(1)}`}`;
    const tag = this.#state?.tag;
    const condition = tag === undefined ? '' : `If-None-Match: ${tag}\r\n`;
    this.#connection.ask(`GET ${target}${this.#head}${condition}\r\n`);
    this.#following.asked(position);
  }

  /** Where the next request is for other channels it goes out now, and one that is held is given up for it. */
  askAnew(): void {
    if (!this.#following.hasChanged) return;
    this.#connection.giveUp();
    this.request();
  }

  say(command: SessionCommand, answered: Answered): void {
    this.#speech.say(command, answered);
  }

  close(): void {
    if (this.#closed) return;
    this.#end();
    if (this.#member !== undefined && this.#opened) this.#speech.goodbye(this.#member.user, this.#tab);
    else this.#speech.close();
  }

  /** What the next session of this client shows. */
  get remembered(): string | undefined {
    return this.#state?.tag;
  }

  #end(): void {
    this.#closed = true;
    this.#connection.close();
  }

  #begin(head: AnswerHead): void {
    this.#isSame = this.#state?.isSame(head.status) ?? false;
    if (this.#isSame) return;
    this.#state?.given(head.fields.get('etag'));
    this.#go(this.#body.begin(head));
  }

  #answer(receivedNs: number): void {
    if (this.#closed) return;
    const body = this.#isSame ? undefined : this.#body.whole();
    if (body !== undefined && 'code' in body) {
      this.#go(body);
      return;
    }
    // Who is back is so before it hears what it has missed.
    if (!this.#opened) {
      this.#opened = true;
      this.#events.opened();
    }
    const messages = body === undefined ? 0 : this.#reader.acceptAnswer(body, receivedNs, () => !this.#closed);
    this.#body.clear();
    if (this.#closed) return;
    if (messages === 0) this.#reader.startOfFeed();
    this.#events.answered(messages, receivedNs);
    if (!this.#closed) this.#pace.answered(messages);
  }

  /** On, unless there is an end. */
  #go(end: SessionEnd | undefined): void {
    if (end === undefined || this.#closed) return;
    this.#end();
    this.#speech.close();
    this.#pace.ended();
    this.#events.lost(end);
  }
}
