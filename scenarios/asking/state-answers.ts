/** Which messages a state holds. */
export interface HeldState {
  /** In the order in which they stand there. */
  readonly seqs: readonly number[];
  /** From this number on, as the server says, nothing is missing that was not replaced. */
  readonly oldest: number;
}

/**
 * Bytes of the head of an answer that is a state, and of one that says that it is the same, as a node writes them (a test holds them
 * to that), where a number has three digits and a length four.
 */
export const STATE_HEAD_BYTES = { whole: 225, unchanged: 166 } as const;

/** Between two messages of an answer. */
export const BETWEEN_BYTES = 2;
