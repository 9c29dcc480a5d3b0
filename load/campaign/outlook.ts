import { wholeBlocks } from '../../scenarios/result/blocks.ts';
import type { Result } from '../../scenarios/result/result.ts';
import type { TrialSpec } from '../trial-spec.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import { lengthNs } from './next-step.ts';

/** Where a run is, as far as it can be known. */
export interface Outlook {
  /** Trials made before the one at hand. */
  readonly made: number;
  /** Trials after the one at hand, and how long they take. */
  readonly later: number;
  readonly laterNs: number;
  /** Of a campaign: the block at hand, and the last one as far as it is known. */
  readonly block: { readonly number: number; readonly of: number } | undefined;
}

/** A trial and what is around it. */
interface Moment {
  readonly spec: TrialSpec;
  /** What is left of the block after it. */
  readonly rest: readonly TrialSpec[];
  /** Of the budget, from now on. */
  readonly leftNs: number;
  /** The number of its block; undefined where there are none. */
  readonly block: number | undefined;
}

export function outlookOf(plan: CampaignPlan, result: Result, { spec, rest, leftNs, block: number }: Moment): Outlook {
  const restNs = lengthNs(rest, result);
  const blockNs = lengthNs(plan.cells, result);
  // The block at hand is whole already where its last trial is measured again.
  const earlier = [...wholeBlocks(result)].filter((whole) => whole !== number).length;
  const toCome = (plan.course.blocks ?? Number.POSITIVE_INFINITY) - earlier - 1;
  const room = Math.floor((leftNs - restNs - lengthNs([spec], result)) / blockNs);
  const blocks = Math.max(0, Math.min(toCome, room));
  return {
    block: number === undefined ? undefined : { number, of: number + blocks },
    made: result.trials.length,
    later: rest.length + blocks * plan.cells.length,
    laterNs: restNs + blocks * blockNs,
  };
}
