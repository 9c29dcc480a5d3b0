import type { ClassId } from '../../scenarios/carriage.ts';
import type { MeasuredTrial, Result } from '../../scenarios/result/result.ts';

/** What a campaign must know of the meaning of its figures, which is not its own to tell. */
export interface Judge {
  /**
   * Whether another trial may be spared what disturbed this one: something from outside, told by the machine's counters,
   * never by a figure, and nothing that the load itself brings about.
   */
  readonly isDisturbed: (trial: MeasuredTrial) => boolean;
  /** Classes whose trials tell differences of that ratio from chance, whatever differences there are. */
  readonly narrow: (result: Result, target: number) => ReadonlySet<ClassId>;
}
