import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import {
  hasFewerClients,
  isMeasured,
  type MeasuredTrial,
  type Result,
  type Trial,
} from '../../scenarios/result/result.ts';
import { type Figures, figuresOf } from '../figures/figures.ts';
import { type Prediction, predict } from '../theory/predictions.ts';
import { type Verdict, verdictOf } from '../figures/verdict.ts';
import { countOf, distinct } from '../figures/wording.ts';

/** How a trial is drawn: one colour a transport, one shade and marker for where it ran. Indices count from 0. */
interface Look {
  readonly transportIndex: number;
  readonly settingIndex: number;
}

/** How many colours the style sheet has for transports; one more takes the first again. */
export const COLOURS = 5;

interface Named {
  /** `WebSocket, redis × 3`, with whatever else tells trials of this run apart. */
  readonly label: string;
  /** The same in two or three short lines. */
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

/** A result with everything that follows from it, computed once for all formats. */
export interface Report {
  readonly result: Result;
  /** Every trial, by transport, then by where it ran. */
  readonly all: readonly Row[];
  /** Those that are compared: not the ones with fewer clients than the scenario has. */
  readonly rows: readonly Row[];
  readonly measured: readonly MeasuredRow[];
}

export function buildReport(result: Result): Report {
  const naming = namingOf(result);
  const all = naming.sorted.map((trial) => rowOf(result, trial, naming.nameOf(trial)));
  const rows = all.filter(({ trial }) => !hasFewerClients(trial, result.workload));
  return { result, all, rows, measured: measuredOf(rows) };
}

export function measuredOf(rows: readonly Row[]): MeasuredRow[] {
  return rows.filter((row) => row.state === 'measured');
}

export function isSuspect(row: MeasuredRow): boolean {
  return row.verdict.state === 'suspect';
}

export function hasFaults(row: MeasuredRow): boolean {
  return auditFaults(row.trial.audit) > 0;
}

function rowOf(result: Result, trial: Trial, named: Named): Row {
  if (!isMeasured(trial)) return { ...named, state: 'failed', trial };
  const figures = figuresOf(trial);
  return {
    ...named,
    state: 'measured',
    trial,
    figures,
    verdict: verdictOf(trial),
    predictions: predict({ result, trial, figures }),
  };
}

interface Naming {
  readonly sorted: readonly Trial[];
  readonly nameOf: (trial: Trial) => Named;
}

function namingOf(result: Result): Naming {
  const { trials } = result;
  const transportIds = distinct([...Object.keys(result.transports), ...trials.map((trial) => trial.variant.transport)]);
  const many = {
    generators: distinct(trials.map((trial) => trial.generator)).length > 1,
    clients: trials.some(({ clients }) => clients > result.workload.clients),
    trials: trials.some((trial) => trial.trial > 1),
  };
  const generatorIds = Object.keys(result.generators);
  const order = (trial: Trial): [number, number, string, number, number, number] => [
    transportIds.indexOf(trial.variant.transport),
    trial.variant.nodes,
    trial.variant.backplane,
    generatorIds.indexOf(trial.generator),
    trial.clients,
    trial.trial,
  ];
  const sorted = trials.toSorted((a, b) => compareInTurn(order(a), order(b)));
  const settings = distinct(sorted.toSorted((a, b) => a.variant.nodes - b.variant.nodes).map(settingOf));
  return {
    sorted,
    nameOf: (trial) => {
      const parts = labelParts(result, trial, many);
      return {
        label: [parts.slice(0, 2).join(', '), ...parts.slice(2)].join(' · '),
        lines: parts,
        look: {
          transportIndex: transportIds.indexOf(trial.variant.transport),
          settingIndex: settings.indexOf(settingOf(trial)),
        },
      };
    },
  };
}

interface Several {
  readonly generators: boolean;
  readonly clients: boolean;
  readonly trials: boolean;
}

function labelParts(result: Result, trial: Trial, several: Several): string[] {
  const { transports, generators } = result;
  const { transport, backplane, nodes } = trial.variant;
  return [
    transports[transport]?.label ?? transport,
    `${backplane} × ${nodes}`,
    ...(several.generators ? [generators[trial.generator]?.label ?? trial.generator] : []),
    ...(several.clients || hasFewerClients(trial, result.workload) ? [countOf(trial.clients, 'client')] : []),
    ...(several.trials ? [`trial ${trial.trial}`] : []),
  ];
}

function settingOf({ variant, generator }: Trial): string {
  return `${variant.backplane} × ${variant.nodes} · ${generator}`;
}

function compareInTurn(left: readonly (string | number)[], right: readonly (string | number)[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? value;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
