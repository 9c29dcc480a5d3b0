import { faultInWords } from '../../scenarios/faults.ts';
import type { Episode } from '../../scenarios/result/disruption.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { exactDuration } from '../../scenarios/units.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import { sum } from './figure.ts';
import { countOf } from './wording.ts';

/** Of a variant's trials: what went with each fault that took something with it. */
export function goneTexts(trials: readonly MeasuredTrial[]): string[] {
  return (trials[0]?.disruption?.episodes ?? []).flatMap((_, index) => goneText(trials, index) ?? []);
}

/** What is gone by one of the faults, what comes of it, and how much was refused; undefined where nothing is. */
export function goneText(trials: readonly MeasuredTrial[], index: number): string | undefined {
  const variant = trials[0]?.variant;
  const { fault, gone = null } = trials[0]?.disruption?.episodes[index] ?? {};
  if (variant === undefined || fault === undefined || gone === null) return undefined;
  const happened = capitalised(faultInWords(fault, nodesOf(variant)));
  return `${happened}, and what it held is gone: ${gone.held}. ${capitalised(gone.thereafter)}: ${countsOf(trials, index)}.`;
}

function countsOf(trials: readonly MeasuredTrial[], episode: number): string {
  const total = (id: 'lost' | 'unanswered' | 'refused'): number => sum(trials.map(({ audit }) => audit[id]));
  const refusals = trials.map((trial) => refusedSince(trial, trial.disruption?.episodes[episode]));
  const refused = sum(refusals.map(({ count }) => count));
  const sinceNs = Math.min(...refusals.map((seen) => seen.sinceNs));
  return [
    `${countOf(total('lost'), 'message')} lost`,
    refused === 0
      ? 'nothing refused'
      : `${countOf(refused, 'command')} refused, from ${sinceNs === 0 ? '0 s' : exactDuration(sinceNs)} on`,
    `${total('unanswered').toLocaleString('en-US')} never answered`,
  ].join(', ');
}

interface Refused {
  readonly count: number;
  /** The bin of the first of them, from the beginning of the window on; infinite where there is none. */
  readonly sinceNs: number;
}

function refusedSince({ window, countersPerBin }: MeasuredTrial, episode: Episode | undefined): Refused {
  const struckBin = Math.floor((episode?.doneNs ?? 0) / window.binNs);
  const perBin = (countersPerBin.refusals ?? []).map((count, bin) => ({ count, bin })).slice(struckBin);
  const some = perBin.filter(({ count }) => count > 0);
  const first = some[0]?.bin ?? Number.POSITIVE_INFINITY;
  return { count: sum(some.map(({ count }) => count)), sinceNs: (first - window.firstBin) * window.binNs };
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
