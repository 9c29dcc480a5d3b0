import { z } from 'zod';

/** Why no block came after the last one. */
const CAMPAIGN_ENDS = ['trials', 'time', 'width', 'stopped', 'failure'] as const;

/**
 * Trials that are compared: blocks in which every variant is measured once, in an order of chance, and one of them, the
 * control, as two.
 */
export const campaignSchema = z.strictObject({
  /** Of the order within blocks. */
  seed: z.int(),
  /** The key of the variant that is measured as two; null where none is. */
  control: z.string().nullable(),
  /** Those that were begun. */
  blocks: z.array(z.strictObject({ number: z.int().min(1), plannedTrials: z.int().min(1) })),
  budgetNs: z.number().positive().nullable(),
  /** Null while it is under way. */
  endedBy: z.enum(CAMPAIGN_ENDS).nullable(),
});
