import type { Report } from '../report/report.ts';
import type { Judgement } from './judgement.ts';

/** A result, and what came of the rules that it is held against. */
export interface CheckedRun {
  readonly report: Report;
  readonly judgements: readonly Judgement[];
}
