import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { SessionOptions } from '../transport.ts';

/**
 * The points originNs + k × intervalNs, an absolute grid: polls do not drift with the server's turnaround. Every point is
 * told once, and none before its time by more than the millisecond that a timer may be early.
 */
export class PollGrid {
  readonly #poll: SessionOptions['poll'];
  readonly #reached: () => void;
  #timer: NodeJS.Timeout | undefined;
  #point = Number.NEGATIVE_INFINITY;

  constructor(poll: SessionOptions['poll'], reached: () => void) {
    this.#poll = poll;
    this.#reached = reached;
  }

  /** From the next point on; does nothing where it was started before. */
  start(): void {
    if (this.#timer === undefined) this.#wait();
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
      this.#reached();
      this.#wait();
    }, waitMs);
  }
}
