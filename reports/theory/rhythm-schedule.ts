import { hiddenNs, openRhythm, RHYTHM_CYCLE } from '../../scenarios/asking/rhythm.ts';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import type { Span } from './poll-schedule.ts';

/** A feed, and clients that poll it by a rhythm of their own. */
export interface RhythmicPolls {
  /** Sorted. */
  readonly dueNs: readonly number[];
  /** Of each message what it is about, where an answer has the newest of each alone. */
  readonly keys?: readonly string[] | undefined;
  readonly intervalNs: number;
  readonly ask: ValueOf<'ask'>;
}

export interface RhythmicOutcome {
  /** In the mean, of what was due in the window; without the time in which a tab was hidden. */
  readonly ageNs: number;
  /** The share of answers by number of messages. */
  readonly answers: ReadonlyMap<number, number>;
  /** Polls of a client in an interval. */
  readonly pollsPerInterval: number;
}

/** As many starts as a report has time for, spread over the interval and over the places of a rhythm. */
const MOST_LOOKS = 400_000;
const MOST_PHASES = 64;

/**
 * Plays the schedule to clients whose phases are spread evenly, one after the other. No formula has what a rhythm makes of a feed that is
 * not Poisson's; this is exact for the due times as they were, but for where each client was in its rhythm when the feed began.
 */
export function playRhythm(polls: RhythmicPolls, messagesIn: Span, pollsIn: Span): RhythmicOutcome {
  const room = Math.floor(MOST_LOOKS / RHYTHM_CYCLE / Math.max(1, polls.dueNs.length));
  const phases = Math.min(MOST_PHASES, Math.max(2, room));
  const sum = { ageNs: 0, messages: 0, polls: 0 };
  const counts = new Map<number, number>();
  for (let start = 0; start < phases * RHYTHM_CYCLE; start++) {
    const originNs = (start / phases - RHYTHM_CYCLE) * polls.intervalNs;
    playClient({ ...polls, originNs, endNs: pollsIn.endNs }, ({ atNs, found, ageNs }) => {
      sum.ageNs += ageNs(messagesIn);
      sum.messages += found.filter((due) => isIn(due, messagesIn)).length;
      if (!isIn(atNs, pollsIn)) return;
      sum.polls += 1;
      counts.set(found.length, (counts.get(found.length) ?? 0) + 1);
    });
  }
  const intervals = (phases * RHYTHM_CYCLE * (pollsIn.endNs - pollsIn.startNs)) / polls.intervalNs;
  return {
    ageNs: sum.messages === 0 ? 0 : sum.ageNs / sum.messages,
    answers: new Map([...counts].map(([messages, count]) => [messages, count / sum.polls])),
    pollsPerInterval: sum.polls / intervals,
  };
}

interface Poll {
  readonly atNs: number;
  /** When what it found was due. */
  readonly found: readonly number[];
  /** The ages of those that were due in a span, together. */
  readonly ageNs: (span: Span) => number;
}

interface Client extends RhythmicPolls {
  readonly originNs: number;
  readonly endNs: number;
}

/** Until the end, and until it has everything. */
function playClient(client: Client, polled: (poll: Poll) => void): void {
  const { dueNs, keys, intervalNs, ask, originNs, endNs } = client;
  const grid = { originNs, intervalNs };
  const rhythm = openRhythm(ask);
  const isAway = ask === 'hidden';
  let next = 0;
  for (let point = 0, atNs = originNs; next < dueNs.length || atNs < endNs; point++) {
    atNs = originNs + point * intervalNs;
    if (!rhythm.asksAt(point)) continue;
    const first = next;
    while ((dueNs[next] ?? Number.POSITIVE_INFINITY) <= atNs) next += 1;
    const found = newest(dueNs, keys, { first, end: next });
    rhythm.answered(found.length);
    const ageOf = (due: number): number => atNs - due - (isAway ? hiddenNs(grid, due, atNs) : 0);
    polled({
      atNs,
      found,
      ageNs: (span) => found.reduce((total, due) => total + (isIn(due, span) ? ageOf(due) : 0), 0),
    });
  }
}

/** Of the messages from `first` on, without `end`, those that an answer holds. */
function newest(
  dueNs: readonly number[],
  keys: readonly string[] | undefined,
  { first, end }: { readonly first: number; readonly end: number },
): number[] {
  const all = dueNs.slice(first, end);
  if (keys === undefined) return all;
  return [...new Map(all.map((due, index) => [keys[first + index], due])).values()];
}

function isIn(atNs: number, { startNs, endNs }: Span): boolean {
  return atNs >= startNs && atNs < endNs;
}
