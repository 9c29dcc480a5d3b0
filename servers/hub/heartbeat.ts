import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

/** A sweep over thousands of clients at once would stop the node for all of them. */
const MOST_TURNS = 60;
const LEAST_TURN_MS = 10;

/**
 * Calls each listener once a period, a share of them at a time: they are dealt out evenly, however they came. There is a
 * timer only while there is a listener.
 *
 * Who listens may end what gave no sign of life since it was called last. So it is called behind what has come meanwhile: a
 * process that was stopped reads what waited for it before it judges anybody.
 */
export class Heartbeat {
  readonly #turnNs: number;
  readonly #turns: readonly Set<() => void>[];
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #dueNs = 0;
  #next = 0;
  #listeners = 0;

  constructor(periodMs: number) {
    const turns = Math.min(MOST_TURNS, Math.max(1, Math.floor(periodMs / LEAST_TURN_MS)));
    this.#turns = Array.from({ length: turns }, () => new Set());
    this.#turnNs = (periodMs * NS_PER_MS) / turns;
  }

  /** The returned function ends it, once. */
  add(listener: () => void): () => void {
    const listeners = this.#turns[this.#next];
    this.#next = (this.#next + 1) % this.#turns.length;
    listeners?.add(listener);
    this.#listeners += 1;
    if (this.#timer === undefined) this.#begin();
    return () => {
      if (listeners?.delete(listener) !== true) return;
      this.#listeners -= 1;
      if (this.#listeners > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  #begin(): void {
    this.#dueNs = monotonicNs();
    this.#wait();
  }

  /**
   * Timers are late by a part of a millisecond at least, and the lateness of many turns would make a period longer. What was
   * late by more than a turn is not made up for: clients would be called twice in a row.
   */
  #wait(): void {
    const nowNs = monotonicNs();
    const nextNs = this.#dueNs + this.#turnNs;
    this.#dueNs = nextNs < nowNs ? nowNs + this.#turnNs : nextNs;
    const timer = setTimeout(
      () =>
        setImmediate(() => {
          if (this.#timer === timer) this.#beat();
        }),
      (this.#dueNs - nowNs) / NS_PER_MS,
    );
    this.#timer = timer;
  }

  #beat(): void {
    const timer = this.#timer;
    const listeners = this.#turns[this.#turn] ?? NOBODY;
    this.#turn = (this.#turn + 1) % this.#turns.length;
    // Whoever is called may take others off, or come anew.
    for (const listener of Array.from(listeners)) if (listeners.has(listener)) listener();
    if (this.#timer !== undefined && this.#timer === timer) this.#wait();
  }
}

const NOBODY: ReadonlySet<() => void> = new Set();
