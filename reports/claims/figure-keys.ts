import { type FigureRow, PROBE_FIGURES, type ProbeFigureKey } from '../../scenarios/claims/figures.ts';
import { RUN_FIGURES, type RunFigureId } from './run-figures.ts';

/** The runs that claims rest on, workloads of their own in scenarios/claims, each with what tells its figures from another one's. */
const CLAIM_RUN_WORDS = {
  feed: '60 messages an interval',
  quiet: '0.3 messages an interval',
  crowd: '5,000 clients',
  herd: 'one node of three',
} as const;

export type ClaimRun = keyof typeof CLAIM_RUN_WORDS;

export const CLAIM_RUNS = Object.keys(CLAIM_RUN_WORDS) as ClaimRun[];

/** A run whose report asks what it says of the claims. */
export const HERE = 'here';

type RunFigureKey = `${ClaimRun | typeof HERE}.${RunFigureId}`;
/** `frames.serverBytes`, `feed.emptyShare`, `here.emptyShare`. */
export type FigureKey = ProbeFigureKey | RunFigureKey;

export function partsOf(key: string): readonly [source: string, id: string] {
  const [source = '', id = ''] = key.split('.');
  return [source, id];
}

/** Its row, and where it was taken where that is not said by it. Undefined where there is no such figure. */
export function figureOf(key: string): { readonly row: FigureRow; readonly where: string | undefined } | undefined {
  const [source, id] = partsOf(key);
  const probes: Readonly<Record<string, Readonly<Record<string, FigureRow>>>> = PROBE_FIGURES;
  const ofRuns: Readonly<Record<string, FigureRow>> = RUN_FIGURES;
  const words: Readonly<Record<string, string>> = CLAIM_RUN_WORDS;
  const ofProbe = probes[source]?.[id];
  if (ofProbe !== undefined) return { row: ofProbe, where: undefined };
  const row = ofRuns[id];
  const where = words[source];
  return row === undefined || (where === undefined && source !== HERE) ? undefined : { row, where };
}

export function rowOf(key: FigureKey): FigureRow {
  const found = figureOf(key);
  if (found === undefined) throw new RangeError(`there is no figure ${key}`);
  return found.row;
}

export function meaningOf(key: FigureKey): string {
  const { meaning } = rowOf(key);
  const where = figureOf(key)?.where;
  return where === undefined ? meaning : `${meaning}, ${where}`;
}
