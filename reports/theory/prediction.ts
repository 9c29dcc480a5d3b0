import type { MeasuredTrial, Result } from '../../scenarios/result/result.ts';
import { formatBytes, formatDuration, significant } from '../../scenarios/units.ts';
import { derive, type Figure, isAvailable } from '../figures/figure.ts';
import type { Figures } from '../figures/figures.ts';
import type { StageId } from './stages.ts';

type PredictedUnit = 'ns' | 'bytes' | 'share';

/** What the theory says beside what was measured; nothing in it is fitted. */
export interface Prediction {
  readonly quantity: string;
  readonly formula: string;
  readonly inputs: readonly Input[];
  /** The same in words. */
  readonly basis: string;
  readonly unit: PredictedUnit;
  /** Equal ends where the theory gives one value. */
  readonly predicted: { readonly low: number; readonly high: number };
  readonly measured: Figure;
  /** (measured − nearest end) ÷ nearest end; 0 inside the range. */
  readonly residual: Figure;
  readonly unexplained: boolean;
  /** In which stage the residual lies for the most part. */
  readonly stage: StageId;
  /** True for what holds over a long time only: its residual shows the accident of this schedule, not an error. */
  readonly longRunOnly: boolean;
}

/** A value that went into a formula. */
export interface Input {
  readonly symbol: string;
  readonly value: number;
  /** `up-to-one`: from the value to 1. */
  readonly kind: 'time' | 'size' | 'number' | 'count' | 'up-to-one';
  /** What is counted. */
  readonly of?: string;
}

/** A residual beyond this, either way, is not explained. */
export const EXPLAINED = 0.15;
/** A share is compared as if it were at least this, or 0.1 % instead of 0.2 % would be half off. */
const SMALLEST_SHARE = 0.01;

export interface Measured {
  readonly result: Result;
  readonly trial: MeasuredTrial;
  readonly figures: Figures;
}

export interface Statement {
  readonly quantity: string;
  readonly formula: string;
  readonly inputs: readonly Input[];
  readonly unit: PredictedUnit;
  readonly predicted: number | { readonly low: number; readonly high: number };
  readonly measured: Figure;
  /** Where a residual lies; or what tells that from its size, measured minus predicted. */
  readonly stage: StageId | ((residual: number) => StageId);
  readonly longRunOnly?: boolean;
}

export function compare({ longRunOnly = false, ...statement }: Statement): Prediction {
  const { predicted, inputs, stage } = statement;
  const range = typeof predicted === 'number' ? { low: predicted, high: predicted } : predicted;
  const nearestTo = (value: number): number => Math.min(Math.max(value, range.low), range.high);
  const off = derive([statement.measured], (value) => value - nearestTo(value));
  const residual = derive([statement.measured], (value) => {
    const nearest = nearestTo(value);
    const scale = Math.max(Math.abs(nearest), statement.unit === 'share' ? SMALLEST_SHARE : Number.MIN_VALUE);
    return (value - nearest) / scale;
  });
  const unexplained = !longRunOnly && isAvailable(residual) && Math.abs(residual) > EXPLAINED;
  return {
    ...statement,
    basis: inputs.map((input) => `${input.symbol} ${inputText(input)}`).join(', '),
    predicted: range,
    residual,
    unexplained,
    stage: typeof stage === 'function' ? stage(isAvailable(off) ? off : 0) : stage,
    longRunOnly,
  };
}

export function time(symbol: string, value: number): Input {
  return { symbol, value, kind: 'time' };
}

export function size(symbol: string, value: number): Input {
  return { symbol, value, kind: 'size' };
}

export function number(symbol: string, value: number): Input {
  return { symbol, value, kind: 'number' };
}

export function count(symbol: string, value: number, of = ''): Input {
  return { symbol, value, kind: 'count', of };
}

function inputText({ kind, value, of = '' }: Input): string {
  switch (kind) {
    case 'time':
      return formatDuration(value);
    case 'size':
      return formatBytes(value);
    case 'number':
      return significant(value);
    case 'count':
      return `${Math.round(value).toLocaleString('en-US')}${of}`;
    case 'up-to-one':
      return value === 1 ? '1' : `${significant(value)} to 1`;
    default:
      return kind satisfies never;
  }
}
