import type { SessionEnd } from '../../scenarios/session-end.ts';
import { CommandPosts } from '../asking/command-posts.ts';
import { Following, isChange } from '../asking/following.ts';
import { acceptingGzip } from '../compression/accept-encoding.ts';
import { FeedReader } from '../wire/feed-reader.ts';
import { memberRequest } from '../hub/member-request.ts';
import type { Answered, OpenSession, Session, SessionCommand, SessionEvents, SessionOptions } from '../transport.ts';
import { FollowedStream } from './followed-stream.ts';

const PATH = '/events';

/**
 * Listens to an answer that goes on; when it ends the session does. What the client says goes by POSTs, and to join or leave a channel
 * the stream is asked for anew, from where the client is. The old one is not read from then on, and let go of when the new
 * one stands, so that the client is never away; a page does the same with a second EventSource.
 */
class EventSession implements Session {
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #following: Following;
  #stream: FollowedStream;
  /** The one before, while the new one does not stand. */
  #before: FollowedStream | undefined;
  #posts: CommandPosts | undefined;
  #stands = false;
  #wasOpened = false;
  #closed = false;
  /** Of streams that were let go of. */
  #bytesReadBefore = 0;
  #bytesWrittenBefore = 0;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    this.#reader = new FeedReader(events, options.position);
    this.#following = new Following(options);
    this.#stream = this.#ask();
  }

  get extraConnections(): number {
    return Number(this.#before !== undefined) + Number(this.#posts?.isConnected ?? false);
  }

  get bytesRead(): number {
    const other = (this.#before?.bytesRead ?? 0) + (this.#posts?.bytesRead ?? 0);
    return this.#bytesReadBefore + this.#stream.bytesRead + other;
  }

  get bytesWritten(): number {
    const other = (this.#before?.bytesWritten ?? 0) + (this.#posts?.bytesWritten ?? 0);
    return this.#bytesWrittenBefore + this.#stream.bytesWritten + other;
  }

  say(command: SessionCommand, answered: Answered): void {
    if (this.#closed) return;
    if (isChange(command)) {
      this.#following.change(command, answered);
      // Channels that are joined in one go cost one stream.
      queueMicrotask(() => this.#askAnew());
      return;
    }
    this.#posts ??= new CommandPosts(PATH, {
      options: this.#options,
      events: { reopened: () => this.#events.reopened(), ended: (end) => this.#fail(end) },
    });
    this.#posts.say(command, answered);
  }

  close(): void {
    this.#closed = true;
    this.#stream.close();
    this.#before?.close();
    this.#posts?.close();
  }

  #ask(): FollowedStream {
    const { host, port, values } = this.#options;
    const { position } = this.#reader;
    const readsGzip = values.compression === 'gzip';
    const request = requestOf(this.#options, position.kind === 'after' ? position.seq : 0, this.#following.query);
    const stream: FollowedStream = new FollowedStream(
      { host, port, request, readsGzip },
      {
        opened: () => this.#opened(),
        event: (data, type, receivedNs) => {
          if (this.#closed || stream !== this.#stream) return;
          if (type === 'message') this.#reader.accept(data, receivedNs);
          else this.#events.foreign(data);
        },
        ended: (end) => {
          if (stream === this.#stream) this.#fail(end);
        },
      },
    );
    return stream;
  }

  /** While one is on its way it is waited for; it may be for other channels already. */
  #askAnew(): void {
    if (this.#closed || !this.#stands || !this.#following.hasChanged) return;
    this.#stands = false;
    this.#before = this.#stream;
    this.#stream = this.#ask();
    this.#following.asked(this.#reader.position);
  }

  #opened(): void {
    this.#stands = true;
    this.#letGoOfBefore();
    if (this.#wasOpened) this.#events.reopened();
    else this.#events.opened();
    this.#wasOpened = true;
    this.#askAnew();
  }

  #letGoOfBefore(): void {
    const before = this.#before;
    if (before === undefined) return;
    this.#before = undefined;
    before.close();
    this.#bytesReadBefore += before.bytesRead;
    this.#bytesWrittenBefore += before.bytesWritten;
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.lost(end);
  }
}

function requestOf({ host, port, headers, member, values }: SessionOptions, since: number, query: string): string {
  const place = `${host}:${port}`;
  const profile = values.compression === 'gzip' ? acceptingGzip(headers.events(place)) : headers.events(place);
  return [
    `GET ${PATH}?since=${since}${query} HTTP/1.1`,
    `Host: ${place}`,
    'Connection: keep-alive',
    ...memberRequest(member, values.auth).headers(profile),
    '',
    '',
  ].join('\r\n');
}

export const openSession: OpenSession = (options, events) => new EventSession(options, events);
