import { classOf } from '../../scenarios/carriage.ts';
import { cellKey, wholeBlocks } from '../../scenarios/result/blocks.ts';
import type { CampaignEnd } from '../../scenarios/result/campaign.ts';
import { hasFewerClients, isMeasured, type Result, type Trial } from '../../scenarios/result/result.ts';
import { cadenceOf } from '../../servers/registry.ts';
import { trialEstimateNs } from '../trial-length.ts';
import { recordedVariant, type TrialSpec } from '../trial-spec.ts';
import { blockOrder } from './block-order.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import type { Judge } from './judge.ts';

export type Step = Block | { readonly kind: 'end'; readonly by: CampaignEnd };

export interface Block {
  readonly kind: 'block';
  readonly number: number;
  /** In the order in which they are measured: what is compared, then what is measured once in the campaign. */
  readonly specs: readonly TrialSpec[];
}

/** So few blocks have an estimate of their scatter that is itself a matter of chance. */
const FEWEST_TO_JUDGE = 3;

/**
 * What a campaign does next, from all that it has. It ends by the number of its blocks, by time, or by how much trials of
 * one thing scatter; never by a difference between variants, which would find some where there are none.
 */
export function nextStep(
  plan: CampaignPlan,
  result: Result,
  { judge, leftNs }: { judge: Pick<Judge, 'narrow'>; leftNs: number },
): Step {
  const { blocks, target } = plan.course;
  const whole = wholeBlocks(result).size;
  if (blocks !== undefined && whole >= blocks) return lightOrEnd(plan, result, 'trials');
  const done = target === undefined || whole < FEWEST_TO_JUDGE ? new Set() : judge.narrow(result, target);
  const cells = plan.cells.filter(({ variant }) => !done.has(classOf(cadenceOf(variant))));
  if (cells.length === 0) return lightOrEnd(plan, result, 'width');
  const number = (result.campaign?.blocks.at(-1)?.number ?? 0) + 1;
  const order = [...blockOrder(cells, plan.seed, number), ...lightToDo(plan, result)];
  const specs = order.map((spec) => ({ ...spec, trial: number }));
  if (lengthNs(specs, result) > leftNs) return { kind: 'end', by: 'time' };
  return { kind: 'block', number, specs };
}

/** What is measured once may be missing where the campaign was interrupted just before it. */
function lightOrEnd(plan: CampaignPlan, result: Result, by: CampaignEnd): Step {
  const number = result.campaign?.blocks.at(-1)?.number ?? 1;
  const specs = lightToDo(plan, result).map((spec) => ({ ...spec, trial: number }));
  return specs.length === 0 ? { kind: 'end', by } : { kind: 'block', number, specs };
}

function lightToDo({ light }: CampaignPlan, result: Result): TrialSpec[] {
  const made = keysOf(result, result.trials.filter(isWhole));
  return light.filter((spec) => !made.has(cellKey(spec, result.workload)));
}

function isWhole(trial: Trial): boolean {
  return !isMeasured(trial) || !trial.partial;
}

/** By what trials of the same kind took, as far as there are some. */
export function lengthNs(specs: readonly TrialSpec[], result: Result): number {
  return specs.reduce((sum, spec) => sum + (seenLengthNs(spec, result) ?? trialEstimateNs(spec)), 0);
}

function seenLengthNs(spec: TrialSpec, result: Result): number | undefined {
  const key = cellKey({ ...spec, variant: recordedVariant(spec) }, result.workload);
  const walls = result.trials.flatMap((trial) =>
    isMeasured(trial) && !trial.partial && cellKey(trial, result.workload) === key ? [trial.wallNs] : [],
  );
  return walls.length === 0 ? undefined : walls.reduce((sum, wallNs) => sum + wallNs, 0) / walls.length;
}

/** How many trials of the plan are still to be made, where it is followed to its end. */
export function missingTrials(plan: CampaignPlan, result: Result): number {
  const { campaign, workload, trials } = result;
  if (isOver(campaign?.endedBy)) return 0;
  const whole = wholeBlocks(result);
  const last = campaign?.blocks.at(-1);
  const begun = last === undefined || whole.has(last.number) ? undefined : last;
  const inLast = trials.filter((trial) => trial.trial === begun?.number && !hasFewerClients(trial, workload));
  const ofLast = begun === undefined ? 0 : Math.max(0, begun.plannedTrials - keysOf(result, inLast).size);
  const later = Math.max(0, (plan.course.blocks ?? whole.size) - whole.size - (begun === undefined ? 0 : 1));
  return ofLast + later * plan.cells.length + lightToDo(plan, result).length;
}

/** As was planned, not by a hand or an accident. */
export function isOver(end: CampaignEnd | null | undefined): boolean {
  return end === 'trials' || end === 'time' || end === 'width';
}

function keysOf({ workload }: Result, trials: readonly Trial[]): ReadonlySet<string> {
  return new Set(trials.map((trial) => cellKey(trial, workload)));
}
