import { SHARED_FOR_NS } from '../../../scenarios/asking/origin-reads.ts';
import { hiddenNs, openRhythm, type Rhythm, RHYTHM_CYCLE } from '../../../scenarios/asking/rhythm.ts';
import type { ValueOf } from '../../../scenarios/dimensions.ts';
import type { Span } from './poll-schedule.ts';

/** A feed, and clients that poll it by a rhythm of their own. */
export interface RhythmicPolls {
  /** Sorted. */
  readonly dueNs: readonly number[];
  /** Of each message what it is about, where an answer has the newest of each alone. */
  readonly keys?: readonly string[] | undefined;
  readonly intervalNs: number;
  readonly ask: ValueOf<'ask'>;
  /** How many clients of a node share what it reads; absent: each is answered from what is there when it asks. */
  readonly sharedBy?: number | undefined;
}

export interface RhythmicOutcome {
  /** In the mean, of what was due in the window; without the time in which a tab was hidden. */
  readonly ageNs: number;
  /** The share of answers by number of messages that are news. */
  readonly answers: ReadonlyMap<number, number>;
  /** The same by number of messages in a state, which is not sent again while it is the same. Without keys it is all that was due. */
  readonly states: ReadonlyMap<number, number>;
  /** Polls of a client in an interval. */
  readonly pollsPerInterval: number;
  /** How often what stands behind a node is read for a poll. */
  readonly readsPerPoll: number;
}

/** As many looks as a report has time for. */
const MOST_LOOKS = 400_000;
/** Where clients ask each for itself they are independent: some are enough, spread over the interval and the places of a rhythm. */
const MOST_PHASES = 64;

/**
 * Plays the schedule to clients whose phases are spread evenly. No formula has what a rhythm makes of a feed that is not Poisson's, nor
 * what many rhythms make of a cache; this is exact for the due times as they were, but for where each client was in its rhythm when
 * the feed began.
 */
export function playRhythm(polls: RhythmicPolls, messagesIn: Span, pollsIn: Span): RhythmicOutcome {
  const clients = placesOf(polls).map((place) => openClient(polls, place));
  const sum = { ageNs: 0, messages: 0, polls: 0, reads: 0 };
  const [answers, states] = [new Map<number, number>(), new Map<number, number>()];
  playAll(polls, { clients, endNs: pollsIn.endNs }, (poll) => {
    const { atNs, found, held, isRead, ageNs } = poll;
    for (const due of found) {
      if (!isIn(due, messagesIn)) continue;
      sum.messages += 1;
      sum.ageNs += ageNs(due);
    }
    if (!isIn(atNs, pollsIn)) return;
    sum.polls += 1;
    sum.reads += Number(isRead);
    add(answers, found.length);
    add(states, found.length === 0 ? 0 : held);
  });
  const intervals = (clients.length * (pollsIn.endNs - pollsIn.startNs)) / polls.intervalNs;
  const share = (counts: ReadonlyMap<number, number>): ReadonlyMap<number, number> =>
    new Map([...counts].map(([messages, count]) => [messages, count / sum.polls]));
  return {
    ageNs: sum.messages === 0 ? 0 : sum.ageNs / sum.messages,
    answers: share(answers),
    states: share(states),
    pollsPerInterval: sum.polls / intervals,
    readsPerPoll: sum.polls === 0 ? 0 : sum.reads / sum.polls,
  };
}

/** Where on the grid clients are, in intervals: its whole part is the place in a rhythm. As clients of a trial are placed. */
function placesOf({ dueNs, sharedBy }: RhythmicPolls): number[] {
  const room = Math.max(2, Math.floor(MOST_LOOKS / Math.max(1, dueNs.length)));
  if (sharedBy !== undefined) {
    const clients = Math.max(1, Math.min(room, Math.round(sharedBy)));
    return Array.from({ length: clients }, (_, index) => index / clients + (index % RHYTHM_CYCLE));
  }
  const phases = Math.min(MOST_PHASES, Math.max(2, Math.floor(room / RHYTHM_CYCLE)));
  const places = Array.from({ length: phases * RHYTHM_CYCLE }, (_, start) => start / phases);
  return places.toSorted((a, b) => (a % 1) - (b % 1));
}

interface Client {
  readonly rhythm: Rhythm;
  readonly originNs: number;
  /** Its point at the time of 0. */
  readonly whole: number;
  readonly phaseNs: number;
  /** How many messages it has. */
  has: number;
}

function openClient({ ask, intervalNs }: RhythmicPolls, place: number): Client {
  const whole = Math.floor(place);
  return {
    rhythm: openRhythm(ask),
    originNs: place * intervalNs,
    whole,
    phaseNs: (place - whole) * intervalNs,
    has: 0,
  };
}

interface Poll {
  readonly atNs: number;
  /** When what it found was due. */
  readonly found: readonly number[];
  /** How many messages there are of which none replaces another. */
  readonly held: number;
  /** Whether it was answered from a read of its own. */
  readonly isRead: boolean;
  readonly ageNs: (dueNs: number) => number;
}

/** One interval after the other, in each all clients by phase: until the end, and until everybody has everything. */
function playAll(
  polls: RhythmicPolls,
  { clients, endNs }: { readonly clients: readonly Client[]; readonly endNs: number },
  polled: (poll: Poll) => void,
): void {
  const { dueNs, intervalNs, sharedBy } = polls;
  const isAway = polls.ask === 'hidden';
  const heldUpTo = distinctUpTo(polls);
  let there = 0;
  let read = 0;
  let staleNs = Number.NEGATIVE_INFINITY;
  for (let slot = -RHYTHM_CYCLE; slot * intervalNs < endNs || clients.some(({ has }) => has < dueNs.length); slot++) {
    for (const client of clients) {
      if (!client.rhythm.asksAt(slot - client.whole)) continue;
      const atNs = slot * intervalNs + client.phaseNs;
      while ((dueNs[there] ?? Number.POSITIVE_INFINITY) <= atNs) there += 1;
      const isRead = sharedBy === undefined || atNs >= staleNs;
      if (isRead) {
        read = there;
        staleNs = atNs + SHARED_FOR_NS;
      }
      const found = newest(polls, { first: client.has, end: read });
      client.has = Math.max(client.has, read);
      client.rhythm.answered(found.length);
      const ageNs = (due: number): number =>
        atNs - due - (isAway ? hiddenNs({ originNs: client.originNs, intervalNs }, due, atNs) : 0);
      polled({ atNs, found, held: heldUpTo[read] ?? 0, isRead, ageNs });
    }
  }
}

/** Of the first messages, at their number, how many are about different things. */
function distinctUpTo({ dueNs, keys }: RhythmicPolls): number[] {
  const known = new Set<string | number>();
  return [0, ...dueNs.map((_, index) => known.add(keys?.[index] ?? index).size)];
}

/** Of the messages from `first` on, without `end`, those that an answer holds. */
function newest(
  { dueNs, keys }: RhythmicPolls,
  { first, end }: { readonly first: number; readonly end: number },
): number[] {
  const all = dueNs.slice(first, end);
  if (keys === undefined || all.length < 2) return all;
  return [...new Map(all.map((due, index) => [keys[first + index], due])).values()];
}

function add(counts: Map<number, number>, messages: number): void {
  counts.set(messages, (counts.get(messages) ?? 0) + 1);
}

function isIn(atNs: number, { startNs, endNs }: Span): boolean {
  return atNs >= startNs && atNs < endNs;
}
