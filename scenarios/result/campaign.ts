import { z } from 'zod';
import { variantSchema } from '../variant-values.ts';

/** Why no block came after the last one. */
const CAMPAIGN_ENDS = ['trials', 'time', 'width', 'stopped', 'failure'] as const;

export type CampaignEnd = (typeof CAMPAIGN_ENDS)[number];

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
  /** What was planned, so that an interrupted campaign can go on: how many blocks that are whole; null: what time allows. */
  plannedBlocks: z.int().min(1).nullable(),
  budgetNs: z.number().positive().nullable(),
  /** The ratio that trials are to tell from chance before a class of variants is measured no longer; null: none. */
  target: z.number().gt(1).nullable(),
  /** What is measured in each block, and with fewer clients than the scenario has, once. */
  cells: z.array(
    z.strictObject({ variant: variantSchema, generator: z.string(), clients: z.int().min(1), copy: z.boolean() }),
  ),
  /** Null while it is under way. */
  endedBy: z.enum(CAMPAIGN_ENDS).nullable(),
});

export type Campaign = z.infer<typeof campaignSchema>;
