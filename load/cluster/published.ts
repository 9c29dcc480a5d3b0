import { z } from 'zod';
import { payloadSchema } from '../../scenarios/feed/kinds/payload-schema.ts';
import { COUNTER_IDS, GAUGE_IDS, HISTOGRAM_IDS } from '../../scenarios/measures/metrics.ts';
import { histogramSchema, resultWorkloadSchema } from '../../scenarios/result/result.ts';
import { variantSchema } from '../../scenarios/variant-values.ts';

const count = z.int().min(0);

const binSchema = z.strictObject({
  histograms: z.partialRecord(z.enum(HISTOGRAM_IDS), histogramSchema),
  counters: z.partialRecord(z.enum(COUNTER_IDS), z.number()),
  gauges: z.partialRecord(z.enum(GAUGE_IDS), z.number()),
});

/**
 * What a publisher on a host of its own prints when it has played the feed: all that has to be known to hold against it what clients
 * elsewhere have seen. Times are nanoseconds of its monotonic clock.
 */
export const publishedSchema = z.strictObject({
  kind: z.literal('published'),
  schema: z.literal('feedbench.published/1'),
  /** Of this feed alone, so that what belongs to another is known. */
  feed: z.string(),
  startedAt: z.iso.datetime(),
  command: z.string(),
  workload: resultWorkloadSchema.extend({ payload: payloadSchema }),
  variant: variantSchema,
  seed: count,
  clients: z.int().min(1),
  warmUpNs: z.number(),
  windowNs: z.number(),
  /** Of the feed as it was planned, and of what was published of it. */
  plannedHash: z.string(),
  publishedHash: z.string(),
  /** Handed in, and how many are in the feed. */
  published: count,
  messages: count,
  /** The number in the nodes' logs after which the feed begins. */
  before: count,
  originNs: z.number(),
  /** Every k6 that was taken in, and how many clients it said to play. */
  instances: z.array(z.strictObject({ instance: z.int().min(1), clients: z.int().min(1) })).min(1),
  recording: z.array(binSchema),
});

export type Published = z.infer<typeof publishedSchema>;
