import type { ValueOf } from '../dimensions.ts';

type Ask = ValueOf<'ask'>;

/**
 * At which points of its grid a client polls, which are an interval apart. A client of its own, a library's and the theory go by the
 * same one, so that what is predicted is what is done.
 */
export interface Rhythm {
  /** Told every point, in turn, once. */
  asksAt(point: number): boolean;
  /** An answer had so many messages. */
  answered(messages: number): void;
}

/** Who adapts waits twice as long after each answer that had nothing, so many intervals at most. */
const MOST_WAIT = 4;
/** A tab is shown for so many intervals, then hidden for as many: half of the tabs are at any time. */
const SHOWN = 4;
const CYCLE = 8;

/** So many intervals lie between two polls at most. */
const LONGEST_WAIT = {
  since: 1,
  etag: 1,
  adaptive: MOST_WAIT,
  // The last point at which it is shown, and the first at which it is again.
  hidden: CYCLE - SHOWN + 1,
} as const satisfies Record<Ask, number>;

export function longestWait(ask: Ask): number {
  return LONGEST_WAIT[ask];
}

/** Points that are so many apart are alike: who spreads its clients over them has them in every state at any time. */
export const RHYTHM_CYCLE = CYCLE;

export function openRhythm(ask: Ask = 'since'): Rhythm {
  switch (ask) {
    case 'since':
    case 'etag':
      return { asksAt: () => true, answered: () => undefined };
    case 'adaptive':
      return new Adaptive();
    case 'hidden':
      return { asksAt: isShownAt, answered: () => undefined };
    default:
      return ask satisfies never;
  }
}

/**
 * Slower while nothing comes, and back at once when something does. It begins as one that was there for long already: those who all
 * begin at once would go on together.
 */
class Adaptive implements Rhythm {
  #wait = MOST_WAIT;
  #last: number | undefined;
  #next: number | undefined;

  asksAt(point: number): boolean {
    const asks = this.#next === undefined ? modulo(point, MOST_WAIT) === 0 : point >= this.#next;
    if (asks) this.#last = point;
    return asks;
  }

  answered(messages: number): void {
    this.#wait = messages > 0 ? 1 : Math.min(2 * this.#wait, MOST_WAIT);
    if (this.#last !== undefined) this.#next = this.#last + this.#wait;
    else if (messages > 0) this.#next = Number.NEGATIVE_INFINITY;
  }
}

/** Whether a tab is shown from that point to the next: it polls at once when it is shown again, and never while it is hidden. */
export function isShownAt(point: number): boolean {
  return modulo(point, CYCLE) < SHOWN;
}

/** So many intervals old is what a tab shows that is looked at again, until it has an answer: it asked last at the last point at which it was shown. */
export const AGE_WHEN_SHOWN_AGAIN = LONGEST_WAIT.hidden;

/** Whether ages are those that somebody saw: while a tab is hidden nobody waits, and that time is in none of them. */
export function looksAway(values: Readonly<Record<string, string | number | undefined>>): boolean {
  return values['ask'] === 'hidden';
}

/** Whether a client may ask at that moment; otherwise at a point to come. */
export function mayAskAt(ask: Ask | undefined, { originNs, intervalNs }: Grid, atNs: number): boolean {
  return ask !== 'hidden' || isShownAt(Math.floor((atNs - originNs) / intervalNs));
}

export interface Grid {
  readonly originNs: number;
  readonly intervalNs: number;
}

/** For how much of that time a tab was hidden which polls on that grid. */
export function hiddenNs(grid: Grid, fromNs: number, toNs: number): number {
  return hiddenSince(grid, toNs) - hiddenSince(grid, fromNs);
}

function hiddenSince({ originNs, intervalNs }: Grid, atNs: number): number {
  const cycleNs = CYCLE * intervalNs;
  const cycles = Math.floor((atNs - originNs) / cycleNs);
  const intoNs = atNs - originNs - cycles * cycleNs;
  return (cycles * (CYCLE - SHOWN) + Math.max(0, intoNs / intervalNs - SHOWN)) * intervalNs;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
