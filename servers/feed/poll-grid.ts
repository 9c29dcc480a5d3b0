import { mayAskAt, type Rhythm } from '../../scenarios/asking/rhythm.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { SessionOptions } from '../transport.ts';

/** Whether a session asks first of all: one that comes back while its tab is hidden waits until that is shown. */
export function asksFirst({ position, values, poll }: Pick<SessionOptions, 'position' | 'values' | 'poll'>): boolean {
  return position.kind === 'oldest' || mayAskAt(values.ask, poll, monotonicNs());
}

/**
 * The points originNs + k × intervalNs, an absolute grid: polls do not drift with the server's turnaround. At every point the
 * rhythm is asked once whether it is time to poll, and never before its time by more than the millisecond that a timer may be early.
 */
export class PollGrid {
  readonly #poll: SessionOptions['poll'];
  readonly #rhythm: Rhythm;
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;
  #point = Number.NEGATIVE_INFINITY;

  constructor(poll: SessionOptions['poll'], rhythm: Rhythm, due: () => void) {
    this.#poll = poll;
    this.#rhythm = rhythm;
    this.#due = due;
  }

  /** An answer had so many messages. The first starts it, from the next point on. */
  answered(messages: number): void {
    this.#rhythm.answered(messages);
    if (this.#timer === undefined) this.#wait();
  }

  /** Of a session that does not ask first. */
  start(): void {
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const { originNs, intervalNs } = this.#poll;
    const nowNs = monotonicNs();
    // A timer may fire up to a millisecond before its time, so the clock alone would tell some points twice.
    this.#point = Math.max(this.#point, Math.floor((nowNs - originNs) / intervalNs)) + 1;
    const waitMs = Math.ceil((originNs + this.#point * intervalNs - nowNs) / NS_PER_MS);
    this.#timer = setTimeout(() => {
      if (this.#rhythm.asksAt(this.#point)) this.#due();
      this.#wait();
    }, waitMs);
  }
}
