import { z } from 'zod';
import { firstIssue } from '../feed/workload.ts';

/**
 * What was measured to hold claims against: figures alone. What follows from them is decided anew by whoever reads them. A change
 * gets a new number in CLAIMS_SCHEMA.
 */
export const CLAIMS_SCHEMA = 'feedbench.claims/2';

const figureSchema = z.strictObject({
  values: z.array(z.number()).readonly(),
  disturbed: z.array(z.number()).readonly(),
  by: z.string().nullable(),
});

const claimsSchema = z.strictObject({
  schema: z.literal(CLAIMS_SCHEMA),
  id: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** True where something of the plan is missing. */
  partial: z.boolean(),
  command: z.string(),
  seed: z.int(),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Trials that were measured for it, with the folder of their report. */
  runs: z.array(z.strictObject({ name: z.string(), description: z.string(), folder: z.string() })),
  /** What was taken, by probe or run and figure: `frames.serverBytes`. */
  figures: z.record(z.string(), figureSchema),
  /** Of the probe or run from which something is missing: why, in a sentence. */
  missing: z.record(z.string(), z.string()),
});

export type Claims = z.infer<typeof claimsSchema>;

/** Returns the claims, or in words what is wrong with them (first problem, with its path). */
export function parseClaims(value: unknown): Claims | string {
  const parsed = claimsSchema.safeParse(value);
  return parsed.success ? parsed.data : firstIssue(parsed.error);
}
