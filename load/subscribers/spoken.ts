/**
 * What was said in a conversation by the end of it, as far as its senders know: the place of each message in the feed, and its
 * number in the log; null where no answer told that. A message that was due and could not be said is among them: it was to
 * arrive.
 */
export type Spoken = readonly (readonly [index: number, seq: number | null])[];

/** How much is over: so many messages of a feed were published, or these were said. */
export type Published = number | Spoken;
