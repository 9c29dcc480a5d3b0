/** The stages of a message's way in which a residual can lie. */
export const STAGE_WORDS = {
  publisher: 'before it was published',
  backplane: "between publisher and the node's log",
  server: 'in the node',
  wire: 'on the wire',
  client: 'in the generator',
  interval: 'in the wait for the next poll',
} as const;

export type StageId = keyof typeof STAGE_WORDS;

/** Times that a law leaves out. */
interface LeftOut {
  readonly publisherNs: number;
  readonly backplaneNs: number;
}

interface Off {
  /** Measured minus predicted. */
  readonly residualNs: number;
  readonly leftOut: LeftOut;
}

/** The stage with the most of it, where `otherwise` has what publisher and backplane do not explain. */
export function stageOfResidual(off: Off, otherwise: StageId): StageId {
  const { publisherNs, backplaneNs } = off.leftOut;
  const rest = Math.abs(off.residualNs - publisherNs - backplaneNs);
  if (rest >= Math.max(publisherNs, backplaneNs)) return otherwise;
  return publisherNs > backplaneNs ? 'publisher' : 'backplane';
}

/**
 * Of a push: what is too long may have waited for the generator, as long as its own work says at least; the rest, and
 * what is too short, is the node's, whose deliveries cost less than c while a message goes out, or more.
 */
export function stageOfPush(off: Off, readingNs: number): StageId {
  const rest = off.residualNs - off.leftOut.publisherNs - off.leftOut.backplaneNs;
  return stageOfResidual(off, rest > 0 && readingNs >= rest / 2 ? 'client' : 'server');
}
