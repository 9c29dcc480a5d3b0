import http, { type RefinedParams } from 'k6/http';
import { errorMessage } from '../../scenarios/failures.ts';
import { WallClock } from './clock.ts';
import { SETTINGS } from './settings.ts';
import { FrameSink, type Start, type Subscriber } from './subscriber.ts';

/** Longer than any held poll. */
const MOST_ANSWER_MS = 120_000;

/**
 * One subscriber's GET /messages, one after the other on the connection that its VU keeps. It blocks: a promise for each
 * answer costs a quarter more.
 */
export class HttpFeed {
  readonly clock: WallClock;
  readonly #subscriber: Subscriber;
  readonly #sink: FrameSink;
  readonly #url: string;
  readonly #params: { timeout: number } & RefinedParams<'text'>;
  readonly #endMs: number;
  #since: number | undefined;
  #opened = false;

  constructor(subscriber: Subscriber, start: Start) {
    this.clock = new WallClock(start.startMs);
    this.#subscriber = subscriber;
    this.#sink = new FrameSink(subscriber.observer);
    this.#url = `http://${subscriber.target.host}/messages`;
    this.#since = subscriber.since;
    this.#endMs = SETTINGS.by === 'hand' ? this.clock.now() + SETTINGS.durationMs : Number.POSITIVE_INFINITY;
    this.#params = {
      // Go keeps the connection without a word; a browser and the native generator say so.
      headers: { Connection: 'keep-alive', ...subscriber.target.headers },
      // Not a time series for each value of `since`.
      tags: { name: 'messages' },
      responseType: 'text',
      timeout: MOST_ANSWER_MS,
    };
  }

  /** How long there still is, up to MOST_ANSWER_MS. */
  get remainingMs(): number {
    return Math.min(MOST_ANSWER_MS, this.#endMs - this.clock.now());
  }

  /** Asks for what comes after the last message; false once the session is over. */
  request(): boolean {
    const { observer } = this.#subscriber;
    this.#params.timeout = this.remainingMs;
    if (this.#params.timeout < 1) return false;
    try {
      const answer = http.get(
        this.#since === undefined ? this.#url : `${this.#url}?since=${this.#since}`,
        this.#params,
      );
      const receivedMs = this.clock.now();
      if (answer.status === 200) this.#accept(answer.body ?? '', receivedMs);
      else observer.ended(`the server answered ${answer.status_text}`);
      return answer.status === 200;
    } catch (error) {
      if (this.remainingMs >= 1) observer.ended(errorMessage(error));
      return false;
    }
  }

  /** The body is a JSON array with one frame a line; a frame never holds a line break. */
  #accept(body: string, receivedMs: number): void {
    const { observer } = this.#subscriber;
    const frames = body.length <= 2 ? [] : body.slice(1, -1).split(',\n');
    for (const frame of frames) this.#since = this.#sink.accept(frame, receivedMs) ?? this.#since;
    // Asked for all there is and got nothing: the feed has not begun.
    this.#since ??= 0;
    observer.answered(frames.length, receivedMs);
    if (!this.#opened) observer.opened();
    this.#opened = true;
  }
}
