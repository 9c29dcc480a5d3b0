import type { Judge } from '../../load/campaign/judge.ts';
import { outsideDisturbance } from '../../reports/figures/verdict.ts';

/** What the reports know of trials, for a campaign that must decide what it measures next. */
export const CAMPAIGN_JUDGE: Judge = {
  isDisturbed: (trial) => outsideDisturbance(trial) > 0,
  narrow: () => new Set(),
};
