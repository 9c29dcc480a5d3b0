import type { SessionEnd } from '../../scenarios/session-end.ts';
import { CommandPosts } from '../asking/command-posts.ts';
import { Following } from '../asking/following.ts';
import { Speech } from '../asking/speech.ts';
import { Takeover } from '../asking/takeover.ts';
import { acceptingGzip } from '../compression/accept-encoding.ts';
import type { Position } from '../feed/log.ts';
import { FeedReader } from '../wire/feed-reader.ts';
import { memberRequest } from '../hub/member-request.ts';
import type { Answered, OpenSession, Session, SessionCommand, SessionEvents, SessionOptions } from '../transport.ts';
import { FollowedStream } from './followed-stream.ts';

const PATH = '/events';

/** Listens to an answer that goes on; when it ends the session does. What the client says goes by POSTs. */
class EventSession implements Session {
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #reader: FeedReader;
  readonly #following: Following;
  readonly #streams: Takeover<FollowedStream>;
  readonly #speech: Speech<CommandPosts>;
  #closed = false;
  /** Of streams that were let go of. */
  #bytesReadBefore = 0;
  #bytesWrittenBefore = 0;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    this.#reader = new FeedReader(events, options.position);
    this.#following = new Following(options);
    this.#streams = new Takeover({
      ask: () => this.#ask(),
      isWanted: () => this.#following.hasChanged,
      opened: () => events.opened(),
      reopened: () => events.reopened(),
      letGo: ({ bytesRead, bytesWritten }) => {
        this.#bytesReadBefore += bytesRead;
        this.#bytesWrittenBefore += bytesWritten;
      },
    });
    this.#speech = new Speech({
      following: this.#following,
      // Channels that are joined in one go cost one stream.
      changed: () => queueMicrotask(() => this.#streams.askAnew()),
      openPosts: () =>
        new CommandPosts(PATH, {
          options,
          events: { reopened: () => events.reopened(), ended: (end) => this.#fail(end) },
        }),
    });
  }

  get extraConnections(): number {
    return Number(this.#streams.before !== undefined) + Number(this.#speech.posts?.isConnected ?? false);
  }

  get bytesRead(): number {
    const other = (this.#streams.before?.bytesRead ?? 0) + (this.#speech.posts?.bytesRead ?? 0);
    return this.#bytesReadBefore + this.#streams.current.bytesRead + other;
  }

  get bytesWritten(): number {
    const other = (this.#streams.before?.bytesWritten ?? 0) + (this.#speech.posts?.bytesWritten ?? 0);
    return this.#bytesWrittenBefore + this.#streams.current.bytesWritten + other;
  }

  say(command: SessionCommand, answered: Answered): void {
    this.#speech.say(command, answered);
  }

  close(): void {
    this.#closed = true;
    this.#streams.close();
    this.#speech.close();
  }

  #ask(): FollowedStream {
    const { values } = this.#options;
    const { position } = this.#reader;
    const readsGzip = values.compression === 'gzip';
    const request = requestOf(this.#options, position, this.#following.query);
    const stream: FollowedStream = new FollowedStream(
      { server: this.#options, request, readsGzip },
      {
        opened: () => this.#streams.stand(),
        event: (data, type, receivedNs) => {
          if (this.#closed || stream !== this.#streams.current) return;
          if (type === 'message') this.#reader.accept(data, receivedNs);
          else this.#events.foreign(data);
        },
        ended: (end) => {
          if (stream === this.#streams.current) this.#fail(end);
        },
      },
    );
    this.#following.asked(position);
    return stream;
  }

  #fail(end: SessionEnd): void {
    if (this.#closed) return;
    this.close();
    this.#events.lost(end);
  }
}

function requestOf(options: SessionOptions, position: Position, query: string): string {
  const { host, port, headers, member, values, stock } = options;
  const place = `${host}:${port}`;
  // EventSource goes to the URL that it was made with, and says in a header what it had last.
  const comesBack = stock !== undefined && position === options.position && seqOf(position) !== seqOf(stock.began);
  const since = seqOf(comesBack ? stock.began : position);
  const profile = values.compression === 'gzip' ? acceptingGzip(headers.events(place)) : headers.events(place);
  return [
    `GET ${PATH}?since=${since}${query} HTTP/1.1`,
    `Host: ${place}`,
    'Connection: keep-alive',
    ...(comesBack ? [`Last-Event-ID: ${seqOf(position)}`] : []),
    ...memberRequest(member, values.auth).headers(profile),
    '',
    '',
  ].join('\r\n');
}

function seqOf(position: Position): number {
  return position.kind === 'after' ? position.seq : 0;
}

export const openSession: OpenSession = (options, events) => new EventSession(options, events);
