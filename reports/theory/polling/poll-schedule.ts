/** From `startNs` on, up to but without `endNs`. */
export interface Span {
  readonly startNs: number;
  readonly endNs: number;
}

/** Of each message, in order, when it was due, and from when on no poll finds it any more. */
export interface Presence {
  readonly dueNs: readonly number[];
  readonly untilNs: readonly number[];
}

/** For polls every `intervalNs` that get everything: a poll at t takes what was due in (t − T, t]. `dueNs` is sorted. */
export function wholePresence(dueNs: readonly number[], intervalNs: number): Presence {
  return { dueNs, untilNs: dueNs.map((due) => due + intervalNs) };
}

/**
 * For polls that get the newest of each key: a message is there until the next one of its key is due, and for an interval
 * at most. `keys` are those of the messages, in their order.
 */
export function newestPresence(dueNs: readonly number[], keys: readonly string[], intervalNs: number): Presence {
  const nextNs = new Map<string, number>();
  const untilNs = dueNs.map((due) => due + intervalNs);
  for (let index = dueNs.length - 1; index >= 0; index--) {
    const key = keys[index] ?? '';
    untilNs[index] = Math.min(untilNs[index] ?? 0, nextNs.get(key) ?? Number.POSITIVE_INFINITY);
    nextNs.set(key, dueNs[index] ?? 0);
  }
  return { dueNs, untilNs };
}

/** How stale what polls find is in the mean, of the messages that were due in `span`: polls are spread evenly over each. */
export function meanAgeNs({ dueNs, untilNs }: Presence, { startNs, endNs }: Span): number {
  let lengthNs = 0;
  let area = 0;
  for (const [index, due] of dueNs.entries()) {
    if (due < startNs || due >= endNs) continue;
    const thereNs = (untilNs[index] ?? due) - due;
    lengthNs += thereNs;
    area += thereNs ** 2 / 2;
  }
  return lengthNs === 0 ? 0 : area / lengthNs;
}

/**
 * How many messages an answer holds, for polls whose phases are spread evenly: the share of polls in `span` by number of
 * messages. Exact for the due times as they were: a message counts for the polls from its due time on, as long as it is
 * there, and the shares are lengths of time.
 */
export function messagesThere(presence: Presence, span: Span): ReadonlyMap<number, number> {
  const { dueNs } = presence;
  const leavesNs = presence.untilNs.toSorted((a, b) => a - b);
  const lengths = new Map<number, number>();
  const total = span.endNs - span.startNs;
  let entering = 0;
  let leaving = 0;
  let sinceNs = span.startNs;
  while (sinceNs < span.endNs) {
    while ((dueNs[entering] ?? Number.POSITIVE_INFINITY) <= sinceNs) entering += 1;
    while ((leavesNs[leaving] ?? Number.POSITIVE_INFINITY) <= sinceNs) leaving += 1;
    const untilNs = Math.min(
      span.endNs,
      dueNs[entering] ?? Number.POSITIVE_INFINITY,
      leavesNs[leaving] ?? Number.POSITIVE_INFINITY,
    );
    const messages = entering - leaving;
    lengths.set(messages, (lengths.get(messages) ?? 0) + untilNs - sinceNs);
    sinceNs = untilNs;
  }
  return new Map([...lengths].map(([messages, length]) => [messages, length / total]));
}

/** The mean of a quantity over the polls of a distribution. */
export function meanOverPolls(shares: ReadonlyMap<number, number>, quantity: (messages: number) => number): number {
  let mean = 0;
  for (const [messages, share] of shares) mean += share * quantity(messages);
  return mean;
}
