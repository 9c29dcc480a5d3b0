import {
  dimension,
  DIMENSION_IDS,
  type DimensionId,
  optionText,
  usualValue,
  valueOf,
} from '../scenarios/dimensions.ts';
import { Failure } from '../scenarios/failures.ts';
import { formatDuration, NS_PER_SECOND } from '../scenarios/units.ts';
import type { TrialSpec } from './trial-spec.ts';
import { blockEstimateNs, onceEstimateNs } from './campaign/campaign-length.ts';
import type { CampaignPlan } from './campaign/campaign-plan.ts';
import { withControl } from './campaign/control.ts';

/** A plan, and what it leaves out of what was asked for, in words. */
interface LeavingPlan extends CampaignPlan {
  readonly left: readonly string[];
}

/** Fewer blocks say nothing of how sure a difference is. */
const FEWEST_BLOCKS = 2;
/** Rather fewer variants than these. */
const ENOUGH_BLOCKS = 3;

/**
 * Shares a budget out among scenarios, so that all have the same number of blocks. Where it has no room for three, variants
 * are left out, as many as have one thing in common at a time, so that what remains is compared on equal terms: backplanes
 * beyond the first, the last one first; then values beyond the usual; then generators beyond the first. Transports stay.
 * Throws `usage` where there is no room for two blocks even so.
 */
export function fitBudget<Plan extends LeavingPlan>(plans: readonly Plan[], budgetNs: number): Plan[] {
  const wholeNs = neededNs(plans, ENOUGH_BLOCKS);
  let fitting = [...plans];
  while (blocksIn(fitting, budgetNs) < ENOUGH_BLOCKS) {
    const spared = spareMost(fitting, wholeNs);
    if (spared === undefined) break;
    fitting = spared;
  }
  if (blocksIn(fitting, budgetNs) >= FEWEST_BLOCKS) return shareBudget(fitting, budgetNs);
  throw new Failure(
    'usage',
    `--budget ${secondsText(budgetNs)} is too short: ${FEWEST_BLOCKS} blocks of ${blockText(fitting)} take ${secondsText(neededNs(fitting, FEWEST_BLOCKS))}; choose a longer --budget, a shorter --duration, or fewer scenarios or transports`,
  );
}

/** Each gets what is its own, and of the rest as much as its blocks are longer than the others'. */
export function shareBudget<Plan extends CampaignPlan>(plans: readonly Plan[], budgetNs: number): Plan[] {
  const onceNs = total(plans, onceEstimateNs);
  const blockNs = total(plans, blockEstimateNs);
  return plans.map((plan) => {
    const share = (blockEstimateNs(plan) / blockNs) * Math.max(0, budgetNs - onceNs);
    return { ...plan, course: { ...plan.course, budgetNs: Math.max(1, onceEstimateNs(plan) + share) } };
  });
}

function blocksIn(plans: readonly CampaignPlan[], budgetNs: number): number {
  return Math.floor((budgetNs - total(plans, onceEstimateNs)) / total(plans, blockEstimateNs));
}

function neededNs(plans: readonly CampaignPlan[], blocks: number): number {
  return total(plans, onceEstimateNs) + blocks * total(plans, blockEstimateNs);
}

function total(plans: readonly CampaignPlan[], of: (plan: CampaignPlan) => number): number {
  return plans.reduce((sum, plan) => sum + of(plan), 0);
}

/** The plans with the next thing left out, in the scenario with the longest block that has such a thing; undefined: none has. */
function spareMost<Plan extends LeavingPlan>(plans: readonly Plan[], wholeNs: number): Plan[] | undefined {
  const byLength = plans.toSorted((a, b) => blockEstimateNs(b) - blockEstimateNs(a));
  for (const spare of SPARINGS) {
    for (const plan of byLength) {
      const saving = spare(plan.cells);
      if (saving === undefined) continue;
      const thinner = thinned(plan, saving, wholeNs);
      return plans.map((other) => (other === plan ? thinner : other));
    }
  }
  return undefined;
}

interface Saving {
  /** As the command line says it: `--backplane redis`. */
  readonly option: string;
  readonly kept: readonly TrialSpec[];
}

type Spare = (cells: readonly TrialSpec[]) => Saving | undefined;

function thinned<Plan extends LeavingPlan>(plan: Plan, { option, kept }: Saving, wholeNs: number): Plan {
  const count = plan.cells.filter(({ copy }) => !copy).length - kept.filter(({ copy }) => !copy).length;
  const reason = `${option} (${count} of the variants): the budget has no room for ${ENOUGH_BLOCKS} blocks with it; ask for it alone, or for --budget ${secondsText(wholeNs)}`;
  const isKept = (spec: TrialSpec): boolean => kept.some(({ generator }) => generator === spec.generator);
  const isAlone = new Set(kept.map(({ generator }) => generator)).size === 1;
  return {
    ...plan,
    cells: withControl(kept.filter(({ copy }) => !copy)),
    // They are there to hold generators against each other.
    light: isAlone ? [] : plan.light.filter(isKept),
    left: [...plan.left, reason],
  };
}

const SPARINGS: readonly Spare[] = [
  (cells) => withoutLast(cells, 'backplane', ({ variant }) => variant.backplane),
  (cells) => DIMENSION_IDS.map((id) => withoutUnusual(cells, id)).findLast((saving) => saving !== undefined),
  (cells) => withoutLast(cells, 'generator', ({ generator }) => generator),
];

function withoutLast(cells: readonly TrialSpec[], option: string, of: (spec: TrialSpec) => string): Saving | undefined {
  const values = [...new Set(cells.map(of))];
  const last = values.at(-1);
  if (last === undefined || values.length < 2) return undefined;
  return { option: `--${option} ${last}`, kept: cells.filter((cell) => of(cell) !== last) };
}

/** Of variants that differ in one value alone, the one with the usual value stays, or the first one. */
function withoutUnusual(cells: readonly TrialSpec[], id: DimensionId): Saving | undefined {
  const alike = Map.groupBy(cells, ({ variant, generator, copy }) =>
    JSON.stringify([variant.transport, variant.backplane, generator, copy, { ...variant.values, [id]: null }]),
  );
  const kept = new Set([...alike.values()].map((group) => group.find((cell) => isUsualCell(cell, id)) ?? group[0]));
  if (kept.size === cells.length) return undefined;
  const dropped = cells.filter((cell) => !kept.has(cell)).map(({ variant }) => variant.values[id] ?? '');
  const values = [...new Set(dropped)].map((value) => optionText(id, value));
  return { option: `--${dimension(id).option} ${values.join(',')}`, kept: cells.filter((cell) => kept.has(cell)) };
}

function isUsualCell({ variant, workload }: TrialSpec, id: DimensionId): boolean {
  return (valueOf(id, variant.values) ?? null) === usualValue(id, workload);
}

function blockText(plans: readonly CampaignPlan[]): string {
  const trials = plans.reduce((sum, { cells }) => sum + cells.length, 0);
  return `${trials} trials, ${formatDuration(total(plans, blockEstimateNs))} each,`;
}

/** As the command line takes it. */
function secondsText(durationNs: number): string {
  return `${Math.ceil(durationNs / NS_PER_SECOND)}s`;
}
