import { errorMessage, Failure, type FailureCode } from '../scenarios/failures.ts';
import { isMeasured, type Result, SCHEMA, type Trial } from '../scenarios/result/result.ts';
import { hashFeed } from '../scenarios/feed/schedule-hash.ts';
import { BACKPLANES, traitsOf } from '../servers/registry.ts';
import { describeEnvironment } from './machine/environment.ts';
import { generatorRow } from './registry.ts';
import { loopbackNetwork, openNetwork } from './machine/network.ts';
import { placeProcesses } from './machine/placement.ts';
import type { ScenarioPlan } from './plan.ts';
import type { ResultFile } from './result-file.ts';
import { runTrial } from './trial/trial.ts';
import type { Surroundings, TrialPhase, TrialSpec } from './trial-spec.ts';
import { feedOf } from './trial/window.ts';

export interface RunContext {
  readonly file: ResultFile<Result>;
  /** The words that would make this run again. */
  readonly command: string;
  readonly redisUrl: string | undefined;
  /** Aborted when the run should end with what it has. */
  readonly stop: AbortSignal;
  readonly onPhase: (spec: TrialSpec, phase: TrialPhase) => void;
  readonly onTrial: (trial: Trial) => void;
}

export interface RunOutcome {
  /** Everything that was measured, whether or not it could be saved; undefined where that is nothing. */
  readonly result: Result | undefined;
  /** Why the run ended early, where that is not the user's wish. */
  readonly failure: Failure | undefined;
}

/**
 * Runs a scenario's trials one after the other, and saves the result after each: whatever happens, what was measured is
 * kept. A trial that fails is recorded as failed, and the next one goes on; a result that cannot be saved ends the run.
 * A run that is stopped before any trial had something to show leaves no folder.
 */
export async function runScenario(plan: ScenarioPlan, context: RunContext): Promise<RunOutcome> {
  const outcome = await runTrials(plan, context);
  if (outcome.result === undefined) await context.file.discard();
  return outcome;
}

async function runTrials(plan: ScenarioPlan, context: RunContext): Promise<RunOutcome> {
  const surroundings = surroundingsFor(context);
  const blank = await emptyResult(plan, context, surroundings);
  if (blank === undefined) return { result: undefined, failure: undefined };
  const trials: Trial[] = [];
  let failure = await context.file.trySaving(blank);
  for (const spec of plan.trials) {
    if (failure !== undefined) break;
    const trial = await attemptTrial(spec, {
      ...surroundings,
      onPhase: (phase) => context.onPhase(spec, phase),
    });
    if (trial === undefined) break;
    trials.push(trial);
    context.onTrial(trial);
    failure = await context.file.trySaving(completeResult(blank, trials));
  }
  return { result: trials.length === 0 ? undefined : completeResult(blank, trials), failure };
}

function completeResult(blank: Result, trials: readonly Trial[]): Result {
  return {
    ...blank,
    endedAt: new Date().toISOString(),
    partial: trials.length < blank.plannedTrials || trials.some((trial) => isMeasured(trial) && trial.partial),
    trials: [...trials],
  };
}

/** What every trial of a run finds on this machine. */
export function surroundingsFor({
  redisUrl,
  stop,
}: Pick<RunContext, 'redisUrl' | 'stop'>): Omit<Surroundings, 'onPhase'> {
  return {
    placement: placeProcesses(),
    openNetwork: networkOpener(redisUrl),
    redisUrl,
    stop,
  };
}

/** A Redis of the user's is not inside a network of ours; whoever does without Redis has one all the same. */
export function networkOpener(redisUrl: string | undefined): Surroundings['openNetwork'] {
  return async (backplane) =>
    redisUrl !== undefined && BACKPLANES[backplane].needsRedis
      ? loopbackNetwork('no private network: the Redis of REDIS_URL is outside of it')
      : openNetwork();
}

/** Undefined where the run was stopped before the trial had anything to show. */
async function attemptTrial(spec: TrialSpec, surroundings: Surroundings): Promise<Trial | undefined> {
  const startedAt = new Date().toISOString();
  if (surroundings.stop.aborted) return undefined;
  try {
    return await runTrial(spec, surroundings);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'interrupted') return undefined;
    return failedTrial(spec, { startedAt, code: error.code, message: errorMessage(error) });
  }
}

function failedTrial(
  { variant, generator, clients, trial, copy, attempt }: TrialSpec,
  fate: { startedAt: string; code: FailureCode; message: string },
): Trial {
  return { state: 'failed', variant, generator, clients, trial, copy, attempt, ...fate };
}

/** Undefined where it was stopped meanwhile. */
async function emptyResult(
  plan: ScenarioPlan,
  { file, command, stop }: RunContext,
  { placement }: Pick<Surroundings, 'placement'>,
): Promise<Result | undefined> {
  const now = new Date().toISOString();
  const manifest = await manifestOf(plan, stop);
  if (manifest === undefined) return undefined;
  return {
    schema: SCHEMA,
    id: file.id,
    startedAt: now,
    endedAt: now,
    partial: true,
    plannedTrials: plan.trials.length,
    command,
    seed: plan.seed,
    workload: plan.workload,
    manifest,
    transports: Object.fromEntries(plan.trials.map(({ variant }) => [variant.transport, traitsOf(variant.transport)])),
    generators: Object.fromEntries(plan.trials.map(({ generator }) => [generator, generatorOf(generator)])),
    environment: await describeEnvironment(placement),
    campaign: null,
    noise: [],
    trials: [],
  };
}

function generatorOf(id: TrialSpec['generator']): Result['generators'][string] {
  const { label, resolutionNs } = generatorRow(id);
  return { label, resolutionNs };
}

/** All trials of a scenario have one feed: the first one's will do. Undefined where it was stopped meanwhile. */
async function manifestOf(
  { workload, seed, trials }: ScenarioPlan,
  stop: AbortSignal,
): Promise<Result['manifest'] | undefined> {
  const [first] = trials;
  if (first === undefined) throw new RangeError('a plan has a trial');
  const { durationNs, messages } = feedOf(first);
  const { feed, payload } = workload;
  const scheduleHash = await hashFeed({ feed, payload, durationNs, seed }, stop);
  if (scheduleHash === undefined) return undefined;
  return {
    scheduleHash,
    messages,
    warmUpNs: first.warmUpNs,
    windowNs: first.windowNs,
  };
}
