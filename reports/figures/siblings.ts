import { cellKey } from '../../scenarios/result/blocks.ts';
import { isMeasured, type MeasuredTrial, type Result } from '../../scenarios/result/result.ts';

export type SiblingsOf = (trial: MeasuredTrial) => readonly MeasuredTrial[];

/** The other trials of the same variant by the same generator; the control's copy is the same variant. */
export function siblingsIn({ trials, workload }: Result): SiblingsOf {
  const keyOf = (trial: MeasuredTrial): string => cellKey({ ...trial, copy: false }, workload);
  const byKey = Map.groupBy(trials.filter(isMeasured), keyOf);
  return (trial) => byKey.get(keyOf(trial))?.filter((other) => other !== trial) ?? [];
}
