import { hashEstimateNs, trialEstimateNs } from '../trial-length.ts';
import type { TrialSpec } from '../trial-spec.ts';
import type { CampaignPlan } from './campaign-plan.ts';

/** How long one block takes. */
export function blockEstimateNs({ cells }: CampaignPlan): number {
  return totalNs(cells);
}

/** What comes once in a campaign, whatever its blocks. */
export function onceEstimateNs({ cells, light }: CampaignPlan): number {
  const [first] = cells;
  return (first === undefined ? 0 : hashEstimateNs(first)) + totalNs(light);
}

/** How many blocks are planned: as many as were asked for and as its budget has room for. */
export function plannedBlocks(plan: CampaignPlan): number {
  const { blocks = Number.POSITIVE_INFINITY, budgetNs = Number.POSITIVE_INFINITY } = plan.course;
  return Math.max(0, Math.min(blocks, Math.floor((budgetNs - onceEstimateNs(plan)) / blockEstimateNs(plan))));
}

export function campaignEstimateNs(plan: CampaignPlan): number {
  return onceEstimateNs(plan) + plannedBlocks(plan) * blockEstimateNs(plan);
}

export function campaignTrials(plan: CampaignPlan): number {
  return plannedBlocks(plan) * plan.cells.length + plan.light.length;
}

function totalNs(specs: readonly TrialSpec[]): number {
  return specs.reduce((sum, spec) => sum + trialEstimateNs(spec), 0);
}
