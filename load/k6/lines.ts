import type { Notice } from '../../scenarios/feed/message.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';

/**
 * What a script tells feedbench while it runs: one line of standard output each, LINE_MARK and then JSON. Lines without
 * the mark are k6's own words. Both ends are of one version, so nothing is checked on arrival.
 */
export type Line =
  | { readonly kind: 'opened'; readonly client: number }
  | {
      readonly kind: 'seen';
      readonly client: number;
      /** MESSAGE_FIGURES numbers a message: seq, dueNs, publishedNs, bytes, receivedMs. */
      readonly messages: readonly number[];
      /** ANSWER_FIGURES numbers an HTTP answer: how many messages it held, receivedMs. */
      readonly answers: readonly number[];
    }
  | { readonly kind: 'notice'; readonly client: number; readonly notice: Notice }
  | { readonly kind: 'foreign'; readonly client: number; readonly words: string }
  | { readonly kind: 'ended'; readonly client: number; readonly end: SessionEnd };

/** Times named `receivedMs` are milliseconds of the wall clock with their fraction: the only clock that k6 has. */
export const LINE_MARK = 'feedbench ';
export const MESSAGE_FIGURES = 5;
export const ANSWER_FIGURES = 2;

/** How long a script keeps to itself what it has seen, at most: telling takes 0.1 ms of CPU each time. */
export const TELL_EVERY_MS = 1000;

/** Longer than any held poll. */
export const MOST_ANSWER_MS = 120_000;

/**
 * After so long without a message, a script that blocks gives up the poll it holds, tells what it has kept back, and asks
 * again. Only a feed of many messages a second is kept back, in which that happens once: when it is over.
 */
export const MOST_SILENCE_MS = 2000;

/** What feedbench tells a script, as JSON in the variable PLAN. */
export interface Plan {
  readonly targets: readonly PlannedTarget[];
  /** Of all processes together; this one plays client `first` and every `step`-th after it. */
  readonly clients: number;
  readonly first: number;
  readonly step: number;
  /** Where the grid of polls begins on the wall clock. */
  readonly pollOriginMs: number;
  readonly pollIntervalMs: number;
  /** How many messages a script that blocks keeps back before it tells of them; 1 for a thin feed. */
  readonly tellEvery: number;
  /** After which k6 ends by itself, in case nobody is left to end it. */
  readonly mostMs: number;
}

interface PlannedTarget {
  /** With its port. */
  readonly host: string;
  /** Header lines besides those that the protocol needs. */
  readonly headers: readonly string[];
}
