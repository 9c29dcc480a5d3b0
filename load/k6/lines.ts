import type { Notice } from '../../scenarios/feed/message.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';

/**
 * What a script tells feedbench while it runs: one line of standard output each, LINE_MARK and then JSON. Lines without
 * the mark are k6's own words. Both ends are of one version, so nothing is checked on arrival.
 */
export type Line =
  | { readonly kind: 'opened'; readonly client: number; readonly atMs: number }
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
  /** By itself, before anybody told it to. */
  | { readonly kind: 'ended'; readonly client: number; readonly end: SessionEnd; readonly atMs: number }
  /** It has all that it is to have, or time was up: the last that is told of it. */
  | { readonly kind: 'left'; readonly client: number };

/** What a k6 on a host of its own tells of itself besides, so that its output can be put together with that of others. */
export type HostLine =
  | {
      readonly kind: 'joined';
      /** Which of the k6 that the publisher counted: each has a number of its own. */
      readonly instance: number;
      /** Of the feed that the publisher plays. */
      readonly feed: string;
      readonly scheduleHash: string;
      readonly transport: string;
      /** How many subscribers it plays. */
      readonly clients: number;
      /** To connect to what it was told to load, by TCP. */
      readonly connectMs: number;
      readonly clock: ClockReading;
    }
  /** The same clock once more, when the feed is over. */
  | { readonly kind: 'clock'; readonly instance: number; readonly clock: ClockReading }
  /** The last line of a k6 that ended as it should. */
  | { readonly kind: 'parted'; readonly instance: number };

/** How a host's wall clock stood to the publisher's monotonic one. */
export interface ClockReading {
  /** The wall clock here minus the monotonic one there. */
  readonly offsetMs: number;
  /** Half of the quickest round trip: the offset is not further off than that. */
  readonly boundMs: number;
}

/**
 * Times named `receivedMs` are milliseconds of the wall clock with their fraction: the only clock that k6 has. `atMs` is the same, in
 * whole ones.
 */
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

export interface PlannedTarget {
  /** With its port. */
  readonly host: string;
  /** Over TLS; absent: without. */
  readonly isSecure?: true | undefined;
  /** Header lines besides those that the protocol needs. */
  readonly headers: readonly string[];
}

/** What a publisher on a host of its own tells each k6 that joined, when all clients are there. Times are its monotonic clock's. */
export interface SharedPlan {
  readonly feed: string;
  readonly scheduleHash: string;
  readonly targets: readonly PlannedTarget[];
  readonly clients: number;
  /** The number in the log after which the feed begins, and that of its last message. */
  readonly before: number;
  readonly last: number;
  readonly originNs: number;
  /** Until when a client waits for what it does not have. */
  readonly leaveNs: number;
  readonly pollOriginNs: number;
  readonly pollIntervalMs: number;
  readonly tellEvery: number;
}

/** What a k6 says of itself when it asks the publisher to take it in. */
export interface JoinRequest {
  readonly transport: string;
  readonly clients: number;
  /** What it was told to load, each with its port. */
  readonly hosts: readonly string[];
}
