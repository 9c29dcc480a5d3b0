import type { DimensionValues } from '../../scenarios/dimensions.ts';
import type { HistogramSnapshot } from '../../scenarios/measures/histogram.ts';
import type { Target } from '../generator.ts';

/** What a program that asks as fast as it can is told, once. */
export interface CeilingCommand {
  readonly kind: 'ask';
  readonly targets: readonly Target[];
  /** Of all targets together, spread evenly. */
  readonly connections: number;
  /** Every poll asks for what comes after this message. */
  readonly since: number;
  readonly values: DimensionValues;
  /** Asking goes on from now to the end; only what is answered in the window counts. */
  readonly windowStartNs: number;
  readonly windowEndNs: number;
}

export type CeilingReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'asked';
      readonly answers: number;
      readonly errors: number;
      /** From a question to its whole answer. */
      readonly latency: HistogramSnapshot;
    };
