import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import type { MeasuredTrial, Trial } from '../../scenarios/result/result.ts';
import type { TransportLook } from '../../scenarios/transport-traits.ts';
import type { Figures } from '../figures/figures.ts';
import type { Verdict } from '../figures/verdict.ts';
import type { Prediction } from '../theory/prediction.ts';

/**
 * How a trial is drawn: one colour and shape a transport, the same on every page, one dash for where it ran.
 * Indices count from 0.
 */
interface Look extends TransportLook {
  readonly transportIndex: number;
  readonly settingIndex: number;
}

/** Groups of one transport have its colour and shape; dashes of their lines tell them apart, and that every other is hollow. */
const DASHES = ['', '9 3', '4 3', '12 3 3 3', '2 3 8 3'] as const;

/** Ten settings look different; one more looks like the first again, and has its name beside it. */
export function settingLook(settingIndex: number): { readonly dash: string; readonly hollow: boolean } {
  return { dash: DASHES[settingIndex % DASHES.length] ?? '', hollow: settingIndex % 2 === 1 };
}

export interface Named {
  /** `WebSocket`: the transport alone, for a sentence in which the rest is said already. */
  readonly transport: string;
  /** `WebSocket, redis × 3`: what was compared, and what is not usual in it. */
  readonly variantLabel: string;
  /** The same, with whatever else tells trials of this run apart. */
  readonly label: string;
  /** The same in short lines: the transport, where it ran, and the rest. */
  readonly lines: readonly string[];
  readonly look: Look;
}

export interface MeasuredRow extends Named {
  readonly state: 'measured';
  readonly trial: MeasuredTrial;
  readonly figures: Figures;
  readonly verdict: Verdict;
  readonly predictions: readonly Prediction[];
}

interface FailedRow extends Named {
  readonly state: 'failed';
  readonly trial: Exclude<Trial, MeasuredTrial>;
}

export type Row = MeasuredRow | FailedRow;

export function measuredOf(rows: readonly Row[]): MeasuredRow[] {
  return rows.filter((row) => row.state === 'measured');
}

/** Trials of the plan: what was measured again is one of them. */
export function plannedOnes<R extends Row>(rows: readonly R[]): R[] {
  return rows.filter(({ trial }) => trial.attempt === 1);
}

export function isSuspect(row: MeasuredRow): boolean {
  return row.verdict.state === 'suspect';
}

export function hasFaults(row: MeasuredRow): boolean {
  return auditFaults(row.trial.audit) > 0;
}
