import { variantKey } from '../variant.ts';
import { hasFewerClients, isMeasured, type Result, type Trial } from './result.ts';

/** The same for trials of one thing: its control's copy is another one. */
export function cellKey(
  trial: Pick<Trial, 'variant' | 'generator' | 'clients' | 'copy'>,
  scenario: Pick<Result['workload'], 'pollIntervalNs'>,
): string {
  const { variant, generator, clients, copy } = trial;
  return [variantKey(variant, scenario), generator, clients, ...(copy ? ['copy'] : [])].join(' ');
}

/**
 * Numbers of the blocks in which each planned trial was made, to its end or to its failure. Another does not count in a
 * comparison: its variants were not measured at the same time.
 */
export function wholeBlocks({
  campaign,
  trials,
  workload,
}: Pick<Result, 'campaign' | 'trials' | 'workload'>): ReadonlySet<number> {
  const whole = (campaign?.blocks ?? []).filter(({ number, plannedTrials }) => {
    const made = trials.filter(
      (trial) => trial.trial === number && !hasFewerClients(trial, workload) && !(isMeasured(trial) && trial.partial),
    );
    return new Set(made.map((trial) => cellKey(trial, workload))).size >= plannedTrials;
  });
  return new Set(whole.map(({ number }) => number));
}
