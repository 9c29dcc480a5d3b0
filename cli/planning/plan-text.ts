import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { wholeBlocks } from '../../scenarios/result/blocks.ts';
import { isMeasured, type Result } from '../../scenarios/result/result.ts';
import { faultText } from '../../scenarios/faults.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { campaignEstimateNs, campaignTrials, plannedBlocks } from '../../load/campaign/campaign-length.ts';
import { type CampaignPlan, isCampaign } from '../../load/campaign/campaign-plan.ts';
import { lengthNs, nextStep } from '../../load/campaign/next-step.ts';
import { outlookOf } from '../../load/campaign/outlook.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { chosen, countOf } from '../../reports/figures/wording.ts';
import { plannedName } from '../progress.ts';
import { CAMPAIGN_JUDGE } from './campaign-judge.ts';

/** What is measured, and what is left out of what was asked for, in lines. */
export function planLines(plans: readonly ScenarioPlan[]): string[] {
  return plans.flatMap((plan) => [
    `${plan.workload.name}: ${plan.workload.description}`,
    `  ${settingText(plan)}`,
    ...faultLines(plan),
    `  ${isCampaign(plan.course) ? blocksText(plan) : 'one trial each'}`,
    ...[...plan.cells, ...plan.light].map((spec) => `  - ${plannedName(spec)}`),
    ...plan.left.map((reason) => `  - left out: ${reason}`),
  ]);
}

/** How long it takes. */
export function lengthText(plans: readonly ScenarioPlan[]): string {
  const trials = plans.reduce((sum, plan) => sum + campaignTrials(plan), 0);
  return `${countOf(trials, 'trial')}, about ${formatDuration(totalEstimateNs(plans))}`;
}

function totalEstimateNs(plans: readonly ScenarioPlan[]): number {
  return plans.reduce((sum, plan) => sum + campaignEstimateNs(plan), 0);
}

function settingText({ workload, cells }: ScenarioPlan): string {
  const { clients, feed, payload, durationNs } = workload;
  const warmUpNs = cells[0]?.warmUpNs ?? 0;
  const rate = isSilent(feed)
    ? 'nothing is said'
    : `${feed.messagesPerSecond} messages/s planned (${feed.kind}) of ${payload.bytes} B`;
  const times = `${chosen(formatDuration(warmUpNs))} of warm-up, ${chosen(formatDuration(durationNs))} measured`;
  return `${countOf(clients, 'client')}, ${rate}, ${times}`;
}

/** Which node the last one is differs from variant to variant. */
function faultLines({ workload: { faults } }: ScenarioPlan): string[] {
  return faults.length === 0 ? [] : [`  with ${faults.map(faultText).join(', ')}, counted from the end of the warm-up`];
}

function blocksText(plan: ScenarioPlan): string {
  const { budgetNs, target } = plan.course;
  return [
    `${countOf(plannedBlocks(plan), 'block')} of ${countOf(plan.cells.length, 'trial')} in an order of chance`,
    ...(budgetNs === undefined ? [] : [`no longer than ${formatDuration(budgetNs)}`]),
    ...(target === undefined ? [] : [`variants whose trials tell a ratio of ${target} from chance end earlier`]),
  ].join(', ');
}

/** What a campaign that goes on still has to do. */
export function remainingText(plan: CampaignPlan, begun: Result): string[] {
  const spentNs = begun.trials.filter(isMeasured).reduce((sum, { wallNs }) => sum + wallNs, 0);
  const leftNs = (plan.course.budgetNs ?? Number.POSITIVE_INFINITY) - spentNs;
  const step = nextStep(plan, begun, { judge: CAMPAIGN_JUDGE, leftNs });
  const blocks = countOf(wholeBlocks(begun).size, 'whole block');
  if (step.kind === 'end')
    return [`${begun.id} has ${blocks}, and nothing is missing; more --trials, or a longer --budget, go on with it`];
  const [spec, ...rest] = step.specs;
  if (spec === undefined) throw new RangeError('a block has a trial');
  const { later, laterNs } = outlookOf(plan, begun, { spec, rest, leftNs, block: step.number });
  const length = formatDuration(laterNs + lengthNs([spec], begun));
  return [`${begun.id} has ${blocks}; ${countOf(later + 1, 'trial')} to come, about ${length}`];
}
