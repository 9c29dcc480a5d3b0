/** From `startNs` on, up to but without `endNs`. */
export interface Span {
  readonly startNs: number;
  readonly endNs: number;
}

/**
 * How many messages an answer holds, for polls every `intervalNs` whose phases are spread evenly: the share of polls in
 * `span` by number of messages. Exact for the due times as they were: a poll at t takes what was due in (t − T, t], so
 * a message counts for the polls in [due, due + T), and the shares are lengths of time. `dueNs` is sorted.
 */
export function messagesPerPoll(dueNs: readonly number[], intervalNs: number, span: Span): ReadonlyMap<number, number> {
  const lengths = new Map<number, number>();
  const total = span.endNs - span.startNs;
  let entering = 0;
  let leaving = 0;
  let sinceNs = span.startNs;
  while (sinceNs < span.endNs) {
    while ((dueNs[entering] ?? Number.POSITIVE_INFINITY) <= sinceNs) entering += 1;
    while ((dueNs[leaving] ?? Number.POSITIVE_INFINITY) + intervalNs <= sinceNs) leaving += 1;
    const untilNs = Math.min(
      span.endNs,
      dueNs[entering] ?? Number.POSITIVE_INFINITY,
      (dueNs[leaving] ?? Number.POSITIVE_INFINITY) + intervalNs,
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
