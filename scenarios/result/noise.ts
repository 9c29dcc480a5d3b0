import { z } from 'zod';
import { CLASS_IDS } from '../carriage.ts';

/** As many degrees of freedom as a past may weigh: machines change. */
export const MOST_HISTORY_DEGREES = 20;

/**
 * How much trials of one thing differ by chance on a machine, as its A/A trials have shown: the standard deviation of the
 * natural logarithm of a figure.
 */
export const noiseEntrySchema = z.strictObject({
  classId: z.enum(CLASS_IDS),
  /** By the name of the figure that trials are compared by: `staleness.p50`. */
  metric: z.string(),
  windowNs: z.number().positive(),
  /** Between trials of one campaign, what a block has in common taken off. */
  sd: z.number().min(0),
  /** How many degrees of freedom `sd` rests on. */
  degrees: z.number().positive(),
  /** What campaigns differ by on top of it, those minutes apart; null where it is not known. */
  betweenSessionsSd: z.number().min(0).nullable(),
  measuredAt: z.iso.datetime(),
});

export type NoiseEntry = z.infer<typeof noiseEntrySchema>;

/** What is known of a figure in a class: of the longest window that is no longer, for in longer ones chance is no larger. */
export function noiseFor(
  entries: readonly NoiseEntry[],
  { classId, metric, windowNs }: Pick<NoiseEntry, 'classId' | 'metric' | 'windowNs'>,
): NoiseEntry | undefined {
  return entries
    .filter((entry) => entry.classId === classId && entry.metric === metric && entry.windowNs <= windowNs)
    .toSorted((a, b) => b.windowNs - a.windowNs)[0];
}
