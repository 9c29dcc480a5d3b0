import { z } from 'zod';

/** How the clock of a server that is not ours stood to this machine's, by asking it for its time before and after a trial. */
export const clockSchema = z.strictObject({
  /** How far it was ahead of this machine's, before; negative where it was behind. */
  aheadNs: z.number(),
  /** How much further it was ahead after the trial. */
  driftNs: z.number(),
  /** How far a time of its messages may be from the truth: the drift, half a round trip, and the steps in which it tells its time. */
  boundNs: z.number().min(0),
  /** How often it was asked. */
  exchanges: z.int().min(0),
});

export type ClockRecord = z.infer<typeof clockSchema>;
