import { errorMessage, Failure, type FailureCode } from '../scenarios/failures.ts';
import type { NoiseEntry } from '../scenarios/result/noise.ts';
import { isMeasured, type Result, type Trial } from '../scenarios/result/result.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { isBalanced } from '../scenarios/variant.ts';
import { BACKPLANES } from '../servers/backplanes.ts';
import { linkOf } from '../scenarios/path/links.ts';
import { blankResult } from './blank-result.ts';
import { type CampaignTools, runCampaign } from './campaign/campaign.ts';
import type { CampaignPlan } from './campaign/campaign-plan.ts';
import type { Judge } from './campaign/judge.ts';
import { type Outlook, outlookOf } from './campaign/outlook.ts';
import { openNetwork, withoutNetwork } from './machine/network.ts';
import { placeProcesses } from './machine/placement.ts';
import type { ScenarioPlan } from './plan.ts';
import type { ResultFile } from './result-file.ts';
import { runTrial } from './trial/trial.ts';
import { recordedVariant, type Surroundings, type TrialPhase, type TrialSpec } from './trial-spec.ts';

export interface RunContext {
  readonly file: ResultFile<Result>;
  /** The words that would make this run again. */
  readonly command: string;
  readonly redisUrl: string | undefined;
  /** Aborted when the run should end with what it has. */
  readonly stop: AbortSignal;
  readonly judge: Judge;
  /** This machine's history, for the result. */
  readonly noise: readonly NoiseEntry[];
  readonly onPhase: (spec: TrialSpec, phase: TrialPhase, outlook: Outlook) => void;
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
  const surroundings = surroundingsFor(context);
  const startedNs = monotonicNs();
  const blank = await blankResult(plan, { ...context, ...surroundings, id: context.file.id });
  const outcome =
    blank === undefined
      ? { result: undefined, failure: undefined }
      : await measure(plan, { ...context, surroundings, blank, spentNs: () => monotonicNs() - startedNs });
  if (outcome.result !== undefined && outcome.result.trials.length > 0) return outcome;
  await context.file.discard();
  return { result: undefined, failure: outcome.failure };
}

/** Goes on with a campaign where its result ends. */
export async function resumeScenario(plan: CampaignPlan, begun: Result, context: RunContext): Promise<RunOutcome> {
  const surroundings = surroundingsFor(context);
  const startedNs = monotonicNs();
  const earlierNs = begun.trials.filter(isMeasured).reduce((sum, { wallNs }) => sum + wallNs, 0);
  const spentNs = (): number => earlierNs + monotonicNs() - startedNs;
  return measure(plan, { ...context, surroundings, blank: extended(plan, begun), spentNs });
}

/** What is asked of it now is what is planned from now on. */
function extended({ course }: CampaignPlan, begun: Result): Result {
  if (begun.campaign === null) throw new TypeError('a campaign has its record');
  const { blocks: plannedBlocks = null, budgetNs = null, target = null } = course;
  return { ...begun, campaign: { ...begun.campaign, plannedBlocks, budgetNs, target } };
}

interface Measuring extends RunContext {
  readonly surroundings: Omit<Surroundings, 'onPhase'>;
  readonly blank: Result;
  readonly spentNs: () => number;
}

async function measure(plan: CampaignPlan, measuring: Measuring): Promise<RunOutcome> {
  const { blank, file, surroundings, onPhase, onTrial } = measuring;
  const attempt = async (spec: TrialSpec, outlook: Outlook): Promise<Trial | undefined> => {
    const trial = await attemptTrial(spec, { ...surroundings, onPhase: (phase) => onPhase(spec, phase, outlook) });
    if (trial !== undefined) onTrial(trial);
    return trial;
  };
  const keep = async (result: Result): Promise<Failure | undefined> =>
    (await file.trySaving(result)) ?? haltOf(result.trials.at(-1));
  return blank.campaign !== null
    ? runCampaign(plan, blank, { ...measuring, measure: attempt, keep })
    : runOnce(plan, blank, { measure: attempt, keep });
}

/** What ends the whole run, because the next trial would be a nuisance to a server that is not ours, or as much in vain. */
const HALTING: ReadonlySet<FailureCode> = new Set(['target-refused', 'target-unreachable', 'adapter']);

function haltOf(trial: Trial | undefined): Failure | undefined {
  const told = trial?.state === 'failed' ? trial : trial?.halted;
  return told !== undefined && HALTING.has(told.code) ? new Failure(told.code, told.message) : undefined;
}

const WITHOUT_BLOCKS = { leftNs: Number.POSITIVE_INFINITY, block: undefined };

/** Every variant once, in the order of the plan. */
async function runOnce(
  plan: CampaignPlan,
  blank: Result,
  { measure: attempt, keep }: Pick<CampaignTools, 'measure' | 'keep'>,
): Promise<RunOutcome> {
  const specs = [...plan.cells, ...plan.light];
  let result = blank;
  let failure = await keep(result);
  for (const [index, spec] of specs.entries()) {
    if (failure !== undefined) break;
    const rest = specs.slice(index + 1);
    const trial = await attempt(spec, outlookOf(plan, result, { spec, rest, ...WITHOUT_BLOCKS }));
    if (trial === undefined) break;
    result = completeResult(blank, [...result.trials, trial]);
    failure = await keep(result);
  }
  return { result, failure };
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
  return async (variant, site) => {
    const link = linkOf(variant.values);
    const order = site === undefined || link === undefined ? undefined : { link, ...site };
    return redisUrl !== undefined && BACKPLANES[variant.backplane].needsRedis
      ? withoutNetwork('the Redis of REDIS_URL is outside of it', order)
      : openNetwork({ hasEdge: isBalanced(variant), ...(order !== undefined && { order }) });
  };
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

function failedTrial(spec: TrialSpec, fate: { startedAt: string; code: FailureCode; message: string }): Trial {
  const { generator, clients, trial, copy, attempt } = spec;
  return { state: 'failed', variant: recordedVariant(spec), generator, clients, trial, copy, attempt, ...fate };
}
