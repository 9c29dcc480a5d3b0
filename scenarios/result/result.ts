import { z } from 'zod';
import { campaignSchema } from './campaign.ts';
import { noiseEntrySchema } from './noise.ts';
import { faultSchema } from '../fault-schemas.ts';
import { ROLES } from '../process-roles.ts';
import { variantSchema } from '../variant-values.ts';
import { transportTraitsSchema } from '../transport-traits.ts';
import { FAILURES, type FailureCode } from '../failures.ts';
import { COUNTER_IDS, GAUGE_IDS, HISTOGRAM_IDS, METRIC_IDS, type MetricId } from '../measures/metrics.ts';
import { feedSchema } from '../feed/kinds/feed-schemas.ts';
import { firstIssue } from '../feed/workload.ts';
import { type Audit, AUDIT_COUNT_IDS, type AuditCountId, countBefore, whyUnknown } from './audit-counts.ts';
import { clockSchema } from './clock.ts';
import { disruptionSchema } from './disruption.ts';
import { idleSchema } from './idle.ts';
import { linkSchema } from './link.ts';
import { sessionEndsSchema } from './session-ends.ts';
import { upgraded } from './upgrades.ts';

/**
 * The result file: where measuring ends and meaning begins. One file a scenario; a report can be rebuilt from it without
 * running anything. Bytes are bytes, times are nanoseconds, arrays named `…PerBin` have one entry for each bin of the
 * trial's feed, warm-up included. A change gets a new number in SCHEMA and an upgrade in upgrades.ts,
 * so that files of every version are read.
 */
export const SCHEMA = 'feedbench.result/4';

const count = z.int().min(0);
const amount = z.number();

export const histogramSchema = z.strictObject({
  count,
  sumNs: amount,
  minNs: amount,
  maxNs: amount,
  /** HdrHistogram V2, compressed, base64; three significant digits; empty where count is 0. */
  encoded: z.string(),
});

/** Of one bin, for drawing over time; null where nothing was recorded in it. */
const summarySchema = z.strictObject({ count, meanNs: amount, p50Ns: amount, p99Ns: amount, maxNs: amount }).nullable();

const windowSchema = z.strictObject({
  binNs: z.number().positive(),
  /** Bins of the whole feed; those in [firstBin, endBin) are the measured window. */
  bins: count,
  firstBin: count,
  endBin: count,
  /** What warm-up was planned, and what was excluded in the end. */
  plannedWarmUpNs: amount,
  excludedNs: amount,
  /** In words: how the end of the warm-up was found. */
  warmUp: z.string(),
});

type AuditShape = { [Id in AuditCountId]: null extends Audit[Id] ? z.ZodNullable<typeof count> : typeof count };

const auditSchema = z.strictObject(
  Object.fromEntries(AUDIT_COUNT_IDS.map((id) => [id, auditCountSchema(id)])) as unknown as AuditShape,
);

function auditCountSchema(id: AuditCountId): z.ZodType<number | null> {
  const known = whyUnknown(id) === undefined ? count : count.nullable();
  const before = countBefore(id);
  return before === undefined ? known : known.default(before);
}

/** A process of the trial, watched from outside. */
const processSchema = z.strictObject({
  role: z.enum(ROLES),
  name: z.string(),
  pid: z.int(),
  /** Where it was pinned to; empty where it was not. */
  cores: z.array(z.int()),
  /** Before anybody connected; a program that starts by connecting had next to nothing then. */
  rssBytesBeforeRamp: amount,
  /** Empty where the system did not tell, as below. */
  cpuNsPerBin: z.array(amount),
  /** Runnable, and waiting for a core: all of its threads together; null where the system does not tell. */
  waitNsPerBin: z.array(amount).nullable(),
  rssBytesPerBin: z.array(amount),
  /** From inside, over the window: null for a process that is not ours (Redis). */
  eventLoop: z
    .strictObject({ delayP50Ns: amount, delayP99Ns: amount, delayMaxNs: amount, utilization: amount })
    .nullable(),
});

const machineSchema = z.strictObject({
  /** Those that the trial ran on, which `coresBusy` is of. */
  cores: z.array(z.int()),
  /**
   * How long after its time each edge of the bins was read, from the first edge to the last, one more than bins. What was
   * counted is spread over the time between two readings.
   */
  edgeLatenessNs: z.array(amount),
  /** Process ids of those that had something of feedbench under way meanwhile; null where it cannot be told. */
  otherRuns: z.array(z.int()).nullable(),
  /**
   * How long a fixed piece of work took on each core, the median of each bin: what the core's own speed was. Null where
   * nobody looked.
   */
  yardstick: z.array(z.strictObject({ core: z.int(), perBinNs: z.array(amount.nullable()) })).nullable(),
});

/** Where a metric's figures come from; `n/a` carries the reason why there are none. */
const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('measured'), from: z.string() }),
  z.strictObject({ kind: z.literal('n/a'), reason: z.string() }),
]);

const presenceSchema = z.strictObject({
  when: z.enum(['connected', 'finished']),
  node: z.string(),
  /** Users with a connection, by what the clients know themselves. */
  connected: count,
  /** Of them, those that the node did not say to be online. */
  missing: count,
  /** Who was said to be online and was not connected. */
  strangers: count,
  /** How long the node took to be right, or was given for it. */
  afterNs: amount,
});

const trialBase = {
  variant: variantSchema,
  generator: z.string(),
  clients: z.int().min(1),
  /** Counts from 1 within its variant; in a campaign it is the number of its block. */
  trial: z.int().min(1),
  /** The second of the two as which a campaign's control is measured. */
  copy: z.boolean(),
  /** 2 where it was measured again, because something from outside had disturbed the first. Both are kept. */
  attempt: z.union([z.literal(1), z.literal(2)]),
  startedAt: z.iso.datetime(),
};

const failureCode = z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]);

const measuredSchema = z.strictObject({
  state: z.literal('measured'),
  ...trialBase,
  /** Cut short by Ctrl-C: the window is as long as it got. */
  partial: z.boolean(),
  scheduleHash: z.string(),
  window: windowSchema,
  /** Over the window: messages that were due in it. */
  histograms: z.partialRecord(z.enum(HISTOGRAM_IDS), histogramSchema),
  histogramsPerBin: z.partialRecord(z.enum(HISTOGRAM_IDS), z.array(summarySchema)),
  countersPerBin: z.partialRecord(z.enum(COUNTER_IDS), z.array(amount)),
  gaugesPerBin: z.partialRecord(z.enum(GAUGE_IDS), z.array(amount.nullable())),
  audit: auditSchema,
  processes: z.array(processSchema),
  /**
   * Why nobody saw the processes of a role, where there were such: what they used is not known, which is not nothing. A role that
   * is not named was watched, or had none; absent in files from before there were such trials.
   */
  unwatched: z.partialRecord(z.enum(ROLES), z.string()).optional(),
  /** Every metric whose source is worth a word; one that is absent was counted where it happened. */
  sources: z.partialRecord(z.enum(METRIC_IDS), sourceSchema),
  /** Before the window: what connecting cost, and how long it took. */
  ramp: z.strictObject({
    durationNs: amount,
    wireBytes: amount.nullable(),
    /** Null where nobody saw the server's processes. */
    serverCpuNs: amount.nullable(),
    /**
     * What the kernel holds more of for sockets than before, at both ends of the connections together; null where it does not tell,
     * absent in files from before it was asked.
     */
    socketBytes: amount.nullable().optional(),
  }),
  /** Half the median time of the clients' TCP connects: the one-way delay d. */
  oneWayDelayNs: amount,
  /** Absent where a wire was all that lay between, and in files from before there was anything else. */
  link: linkSchema.optional(),
  /** Messages that were due in the window. `dueOffsetsNs` of the workload's feed and the seed tells when. */
  dueInWindow: count,
  /** What else went on: null in a result of a version that did not look. */
  machine: machineSchema.nullable(),
  /** From the start of the trial's first process to the end of its last. */
  wallNs: amount,
  /** How sessions ended that nobody had told to end, the most frequent way first. */
  sessionEnds: sessionEndsSchema,
  /** Whom the nodes said to be online, at moments when nobody came or went; none of a feed that clients only listen to. */
  presence: z.array(presenceSchema),
  /** What came of what was made to happen to the servers; null where nothing was. */
  disruption: disruptionSchema.nullable(),
  /** Of a server that is not ours and says when it sent a message; absent of all others. */
  clock: clockSchema.optional(),
  /** Why it was cut short, where that was the wish of a server that is not ours; absent otherwise. */
  halted: z.strictObject({ code: failureCode, message: z.string() }).optional(),
  /** Absent where something was said, and in files from before it was kept. */
  idle: idleSchema.optional(),
  /** What a reader should know of this trial, a sentence each: what was foreign, where nothing could be pinned. */
  remarks: z.array(z.string()),
});

const failedSchema = z.strictObject({
  state: z.literal('failed'),
  ...trialBase,
  code: failureCode,
  message: z.string(),
});

const trialSchema = z.discriminatedUnion('state', [measuredSchema, failedSchema]);

export const resultWorkloadSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  /** Absent where the workload did not say, and in files from before it could. */
  standsFor: z.string().optional(),
  clients: z.int().min(1),
  feed: feedSchema,
  payload: z.strictObject({ kind: z.string(), bytes: z.int() }),
  pollIntervalNs: z.number(),
  durationNs: z.number(),
  /** How often connections showed a sign of life, and how long polls were held. Absent: as was usual. */
  heartbeatNs: z.number().optional(),
  /** What was made to happen to the servers. */
  faults: z.array(faultSchema).readonly(),
});

const resultSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  id: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** True where trials of the plan are missing or cut short. */
  partial: z.boolean(),
  plannedTrials: count,
  command: z.string(),
  seed: z.int(),
  workload: resultWorkloadSchema,
  /** As realised: what options and workload came to. */
  manifest: z.strictObject({ scheduleHash: z.string(), messages: count, warmUpNs: amount, windowNs: amount }),
  /** Label of each transport, and how clients get messages through it. */
  transports: z.record(z.string(), transportTraitsSchema),
  /** Label of each generator, and how fine the clock is that it takes staleness with. */
  generators: z.record(z.string(), z.strictObject({ label: z.string(), resolutionNs: amount })),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Null where each variant was measured once. */
  campaign: campaignSchema.nullable(),
  /** What was known of this machine when the run began. */
  noise: z.array(noiseEntrySchema),
  /** In the order in which they were made. */
  trials: z.array(trialSchema),
});

export type Result = z.infer<typeof resultSchema>;
export type Trial = z.infer<typeof trialSchema>;
export type MeasuredTrial = z.infer<typeof measuredSchema>;
export type ProcessRecord = z.infer<typeof processSchema>;
export type Source = z.infer<typeof sourceSchema>;
export type PresenceRecord = z.infer<typeof presenceSchema>;

/** Returns the result, or in words what is wrong with it (first problem, with its path). */
export function parseResult(value: unknown): Result | string {
  const file = upgraded(value);
  if (typeof file === 'object' && file !== null && 'schema' in file && file.schema !== SCHEMA) {
    return `its schema is ${String(file.schema)}; this feedbench reads ${SCHEMA} and older`;
  }
  const parsed = resultSchema.safeParse(file);
  return parsed.success ? parsed.data : firstIssue(parsed.error);
}

export function isMeasured(trial: Trial): trial is MeasuredTrial {
  return trial.state === 'measured';
}

/**
 * Such trials say what is the generator's own; they are no part of the comparison of transports.
 */
export function hasFewerClients(trial: Pick<Trial, 'clients'>, scenario: { readonly clients: number }): boolean {
  return trial.clients < scenario.clients;
}

/** Where the metric's figures come from in this trial. */
export function sourceOf(trial: MeasuredTrial, metric: MetricId): Source {
  return trial.sources[metric] ?? { kind: 'measured', from: 'counted where it happened' };
}

/** The part of a per-bin array that lies in the measured window. */
export function inWindow<T>(trial: MeasuredTrial, perBin: readonly T[] | undefined): readonly T[] {
  return (perBin ?? []).slice(trial.window.firstBin, trial.window.endBin);
}

export function windowNs(trial: MeasuredTrial): number {
  return (trial.window.endBin - trial.window.firstBin) * trial.window.binNs;
}
