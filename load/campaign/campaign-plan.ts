import type { Workload } from '../../scenarios/feed/workload.ts';
import type { TrialSpec } from '../trial-spec.ts';

/** How often the variants of a scenario are measured, and what ends it. */
export interface Course {
  /** Blocks that are whole; undefined: as many as there is time for. */
  readonly blocks: number | undefined;
  /** Undefined: as long as the blocks take. */
  readonly budgetNs: number | undefined;
  /** No class of variants is measured longer than it takes to tell differences of this ratio. */
  readonly target: number | undefined;
}

/** What is measured of a scenario. */
export interface CampaignPlan {
  readonly workload: Workload;
  readonly seed: number;
  /** What a block measures, each once: the variants, and the copy of the one that is measured as two. */
  readonly cells: readonly TrialSpec[];
  /** With few clients, in the first block alone, and in no comparison. */
  readonly light: readonly TrialSpec[];
  readonly course: Course;
}

/** A variant that is measured once has nothing to be compared by but itself. */
export function isCampaign({ blocks, budgetNs }: Course): boolean {
  return budgetNs !== undefined || blocks === undefined || blocks > 1;
}
