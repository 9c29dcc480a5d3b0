import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

/** A sweep over thousands of clients at once would stop the node for all of them. */
const MOST_TURNS = 60;
const LEAST_TURN_MS = 10;
const GOLDEN_SECTION = 0.618;
/** Of a period: who was called late has the rest of it to answer before it is called again. */
const MOST_LATE_SHARE = 0.25;

/**
 * Calls each listener once a period, a share of them at a time: they are dealt out evenly, however they came. There is a
 * timer only while there is a listener.
 *
 * Who listens may end what gave no sign of life since it was called last. So it is called behind what has come meanwhile: a
 * process that was stopped reads what waited for it before it judges anybody.
 */
export class Heartbeat {
  readonly #turnNs: number;
  readonly #mostLateNs: number;
  readonly #turns: readonly Set<() => void>[];
  readonly #stride: number;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #dueNs = 0;
  #next = 0;
  #listeners = 0;

  constructor(periodMs: number) {
    const turns = Math.min(MOST_TURNS, Math.max(1, Math.floor(periodMs / LEAST_TURN_MS)));
    this.#turns = Array.from({ length: turns }, () => new Set());
    this.#stride = strideOf(turns);
    this.#turnNs = (periodMs * NS_PER_MS) / turns;
    this.#mostLateNs = periodMs * NS_PER_MS * MOST_LATE_SHARE;
  }

  /** The returned function ends it, once. */
  add(listener: () => void): () => void {
    const listeners = this.#turns[this.#next];
    this.#next = (this.#next + this.#stride) % this.#turns.length;
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

  /** Turns are due on a grid: what timers are late by makes no period longer, and turns that are overdue come one behind the other. */
  #wait(): void {
    this.#dueNs += this.#turnNs;
    const timer = setTimeout(
      () =>
        setImmediate(() => {
          if (this.#timer === timer) this.#beat();
        }),
      Math.max(0, this.#dueNs - monotonicNs()) / NS_PER_MS,
    );
    this.#timer = timer;
  }

  /** Of a process that stood still for long the grid moves on, or clients would be called twice in a row. */
  #beat(): void {
    const timer = this.#timer;
    this.#dueNs = Math.max(this.#dueNs, monotonicNs() - this.#mostLateNs);
    const listeners = this.#turns[this.#turn] ?? NOBODY;
    this.#turn = (this.#turn + 1) % this.#turns.length;
    // Whoever is called may take others off, or come anew.
    for (const listener of Array.from(listeners)) if (listeners.has(listener)) listener();
    if (this.#timer !== undefined && this.#timer === timer) this.#wait();
  }
}

const NOBODY: ReadonlySet<() => void> = new Set();

/**
 * How many turns further the next listener is put. Steps of the golden section keep even a few of them apart all over the
 * period (three-gap theorem), and as it shares no divisor with the turns, each has one listener before any has two.
 */
function strideOf(turns: number): number {
  let stride = Math.max(1, Math.floor(turns * GOLDEN_SECTION));
  while (commonDivisor(stride, turns) > 1) stride += 1;
  return stride;
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other);
}
