import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import {
  hasFewerClients,
  isMeasured,
  type MeasuredTrial,
  type Result,
  type Trial,
} from '../../scenarios/result/result.ts';
import { dimension, DIMENSION_IDS, type DimensionId } from '../../scenarios/dimensions.ts';
import { nodesOf, variantParts } from '../../scenarios/variant.ts';
import { type Figures, figuresOf } from '../figures/figures.ts';
import { type Prediction, predict } from '../theory/predictions.ts';
import { type Verdict, verdictOf } from '../figures/verdict.ts';
import { countOf, distinct } from '../figures/wording.ts';

/** How a trial is drawn: one colour a transport, one shade and marker for where it ran. Indices count from 0. */
interface Look {
  readonly transportIndex: number;
  readonly settingIndex: number;
}

/** The shapes that tell settings apart, as Chart.js and the style sheet call them; each is there in two shades. */
const MARKERS = ['circle', 'rect', 'rectRot', 'triangle', 'rectRounded'] as const;

export type Marker = (typeof MARKERS)[number];

/** Ten settings look different; one more looks like the first again, and has its name beside it. */
export function settingLook(settingIndex: number): { readonly light: boolean; readonly marker: Marker } {
  return { light: settingIndex % 2 === 1, marker: MARKERS[Math.floor(settingIndex / 2) % MARKERS.length] ?? 'circle' };
}

/** How many colours the style sheet has for transports; one more takes the first again. */
export const COLOURS = 5;

interface Named {
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
    verdict: verdictOf(trial, result.environment),
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
  const order = (trial: Trial): (string | number)[] => [
    transportIds.indexOf(trial.variant.transport),
    nodesOf(trial.variant),
    trial.variant.backplane,
    ...DIMENSION_IDS.map((id) => placeOf(id, trial.variant.values[id])),
    generatorIds.indexOf(trial.generator),
    trial.clients,
    trial.trial,
  ];
  const sorted = trials.toSorted((a, b) => compareInTurn(order(a), order(b)));
  const settingOf = ({ variant, generator }: Trial): string =>
    [...variantParts(variant, result.workload).slice(1), generator].join(' · ');
  const settings = distinct(sorted.toSorted((a, b) => nodesOf(a.variant) - nodesOf(b.variant)).map(settingOf));
  return {
    sorted,
    nameOf: (trial) => {
      const transport = result.transports[trial.variant.transport]?.label ?? trial.variant.transport;
      const parts = variantParts(trial.variant, result.workload, transport);
      const others = othersOf(result, trial, many);
      const variantLabel = parts.join(', ');
      return {
        transport,
        variantLabel,
        label: [variantLabel, ...others].join(' · '),
        lines: [...parts, ...others],
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

/** What tells trials of one variant apart. */
function othersOf(result: Result, trial: Trial, several: Several): string[] {
  return [
    ...(several.generators ? [result.generators[trial.generator]?.label ?? trial.generator] : []),
    ...(several.clients || hasFewerClients(trial, result.workload) ? [countOf(trial.clients, 'client')] : []),
    ...(several.trials ? [`trial ${trial.trial}`] : []),
  ];
}

/** Of a value among those of its dimension: choices as the table has them, which begins with what is usual. */
function placeOf(id: DimensionId, value: string | number | undefined): number {
  const { values } = dimension(id);
  if (typeof value === 'number' || value === undefined) return value ?? -1;
  return values.kind === 'choice' ? Object.keys(values.of).indexOf(value) : -1;
}

function compareInTurn(left: readonly (string | number)[], right: readonly (string | number)[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? value;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
