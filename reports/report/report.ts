import { hasFewerClients, isMeasured, type Result, type Trial } from '../../scenarios/result/result.ts';
import { figuresOf } from '../figures/figures.ts';
import { type SiblingsOf, siblingsIn } from '../figures/siblings.ts';
import { verdictOf } from '../figures/verdict.ts';
import { predict } from '../theory/predictions.ts';
import { type Group, groupsOf } from './groups.ts';
import { namingOf } from './naming.ts';
import { type MeasuredRow, measuredOf, type Named, type Row } from './rows.ts';

/** A result with everything that follows from it, computed once for all formats. */
export interface Report {
  readonly result: Result;
  /** Every trial, by transport, then by where it ran. */
  readonly all: readonly Row[];
  /** Those that are compared: not the ones with fewer clients than the scenario has. */
  readonly rows: readonly Row[];
  readonly measured: readonly MeasuredRow[];
  /** The compared rows by variant, the copy of the control a group of its own. */
  readonly groups: readonly Group[];
}

export function buildReport(result: Result): Report {
  const naming = namingOf(result);
  const siblingsOf = siblingsIn(result);
  const all = naming.sorted.map((trial) => rowOf({ result, siblingsOf }, trial, naming.nameOf(trial)));
  const rows = all.filter(({ trial }) => !hasFewerClients(trial, result.workload));
  const groups = groupsOf(result, rows, naming.nameOfGroup);
  return { result, all, rows, measured: measuredOf(rows), groups };
}

function rowOf({ result, siblingsOf }: { result: Result; siblingsOf: SiblingsOf }, trial: Trial, named: Named): Row {
  if (!isMeasured(trial)) return { ...named, state: 'failed', trial };
  const figures = figuresOf(trial);
  return {
    ...named,
    state: 'measured',
    trial,
    figures,
    verdict: verdictOf(trial, result.environment, siblingsOf(trial)),
    predictions: predict({ result, trial, figures }),
  };
}
