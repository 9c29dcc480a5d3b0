import { campaignEstimateNs } from './campaign/campaign-length.ts';
import type { CampaignPlan } from './campaign/campaign-plan.ts';
import { withControl } from './campaign/control.ts';

/**
 * How often scenarios are measured where nobody says how often: each variant once, and what is left of `timeNs` goes to further
 * blocks, `mostBlocks` for a scenario; the one with the most transports has them first.
 */
export function shareTime<Plan extends CampaignPlan>(
  plans: readonly Plan[],
  { timeNs, mostBlocks }: { readonly timeNs: number; readonly mostBlocks: number },
): Plan[] {
  let shared = plans.map((plan) => inBlocks(plan, 1));
  const order = [...plans.entries()].toSorted(([, a], [, b]) => transportsIn(b) - transportsIn(a));
  for (const [place] of order) {
    for (let blocks = 2; blocks <= mostBlocks; blocks++) {
      const more = shared.map((plan, index) => (index === place ? inBlocks(plan, blocks) : plan));
      if (totalNs(more) > timeNs) break;
      shared = more;
    }
  }
  return shared;
}

/** The same variants in so many blocks: one is no campaign, and needs no control. */
export function inBlocks<Plan extends CampaignPlan>(plan: Plan, blocks: number): Plan {
  const variants = plan.cells.filter(({ copy }) => !copy);
  const cells = blocks > 1 ? withControl(variants) : variants;
  return { ...plan, cells, course: { blocks, budgetNs: undefined, target: undefined } };
}

export function transportsIn({ cells }: Pick<CampaignPlan, 'cells'>): number {
  return new Set(cells.map(({ variant }) => variant.transport)).size;
}

function totalNs(plans: readonly CampaignPlan[]): number {
  return plans.reduce((sum, plan) => sum + campaignEstimateNs(plan), 0);
}
