import { z } from 'zod';
import { FAILURES, type FailureCode } from '../failures.ts';
import { firstIssue } from '../feed/workload.ts';
import { upgraded } from './upgrades.ts';

/**
 * The result of a ceiling: how many polls a door answers in a second when clients ask again the moment they have an
 * answer (a closed loop). It is capacity, not freshness: the harder the server is pressed, the fewer questions it gets.
 * Times are nanoseconds. A change gets a new number in CEILING_SCHEMA and an
 * upgrade in upgrades.ts.
 */
export const CEILING_SCHEMA = 'feedbench.ceiling/1';

const count = z.int().min(0);

const pointFields = {
  generator: z.string(),
  backplane: z.string(),
  nodes: z.int().min(1),
  connections: z.int().min(1),
  /** Messages that each poll finds. */
  waiting: count,
};

const measuredSchema = z.strictObject({
  state: z.literal('measured'),
  ...pointFields,
  windowNs: z.number().positive(),
  answers: count,
  /** Answers other than 200, and connections that failed. */
  errors: count,
  latency: z.strictObject({
    meanNs: z.number(),
    p50Ns: z.number(),
    p90Ns: z.number(),
    p99Ns: z.number(),
    maxNs: z.number(),
  }),
  serverCpuNs: z.number(),
  generatorCpuNs: z.number(),
});

const failedSchema = z.strictObject({
  state: z.literal('failed'),
  ...pointFields,
  code: z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]),
  message: z.string(),
});

const ceilingSchema = z.strictObject({
  schema: z.literal(CEILING_SCHEMA),
  id: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  partial: z.boolean(),
  plannedPoints: count,
  command: z.string(),
  headers: z.string(),
  payloadBytes: count,
  /** Label of each generator. */
  generators: z.record(z.string(), z.string()),
  /** What was not measured, and why, a sentence each. */
  unavailable: z.array(z.string()),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  points: z.array(z.discriminatedUnion('state', [measuredSchema, failedSchema])),
});

export type Ceiling = z.infer<typeof ceilingSchema>;
export type CeilingPoint = Ceiling['points'][number];
export type MeasuredPoint = z.infer<typeof measuredSchema>;

/** Returns the ceiling, or in words what is wrong with it (first problem, with its path). */
export function parseCeiling(value: unknown): Ceiling | string {
  const parsed = ceilingSchema.safeParse(upgraded(value));
  return parsed.success ? parsed.data : firstIssue(parsed.error);
}

export function isMeasuredPoint(point: CeilingPoint): point is MeasuredPoint {
  return point.state === 'measured';
}
