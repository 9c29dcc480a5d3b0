import { listOf } from '../figures/wording.ts';
import { type FigureKey, HERE, meaningOf, rowOf } from './figure-keys.ts';
import { boundText, Taken, type TakenFigures } from './taken.ts';

/** What came of a claim, with the numbers in a sentence. */
export type ClaimVerdict =
  | { readonly kind: 'holds'; readonly numbers: string }
  | { readonly kind: 'holds-when'; readonly when: string; readonly numbers: string }
  | { readonly kind: 'does-not-hold'; readonly numbers: string }
  /** What it rests on was not measured, or not well enough. */
  | { readonly kind: 'not-decided'; readonly reason: string };

/** What a figure must be, in every one of its trials. */
export interface Bound {
  readonly figure: FigureKey;
  readonly least?: number;
  readonly most?: number;
}

/** The rule by which a claim is judged: data, so that it stands beside the verdict as it was applied. */
export interface Rule {
  /** All of them: then it holds as it is said. */
  readonly bounds: readonly Bound[];
  /** Where one of those is broken: what is enough for it to hold under a condition, and which that is. */
  readonly when?: { readonly bounds: readonly Bound[]; readonly text: (taken: Taken) => string };
  /** Figures that are in the sentence, besides those that are judged. */
  readonly shown?: readonly FigureKey[];
  /** Called where all of these are there. */
  readonly numbers: (taken: Taken) => string;
}

export interface Claim extends Rule {
  readonly id: string;
  /** The heading under which it stands. */
  readonly place: string;
  /** In the guide's own words. */
  readonly said: string;
  readonly how: string;
  /** What is not measured, and would matter. */
  readonly limits?: string;
  /** The same of the figures of any one run, where they say something of it. */
  readonly here?: Rule;
}

/** What disturbed a trial may have made its figure so many times larger or smaller: nearer to a bound it decides nothing. */
const DISTURBED_TIMES = 1.25;

/** What comes of figures that are nought, or beyond all measure: somebody else wrote them. */
const NO_NUMBER = /NaN|∞|Infinity/;

const VERDICT_WORDS = {
  holds: 'holds',
  'holds-when': 'holds when',
  'does-not-hold': 'does not hold',
  'not-decided': 'not decided',
} as const satisfies Record<ClaimVerdict['kind'], string>;

/** What a rule needs to be judged and said. */
export function figuresOfRule({ bounds, when, shown = [] }: Rule): FigureKey[] {
  return [...new Set([...[...bounds, ...(when?.bounds ?? [])].map(({ figure }) => figure), ...shown])];
}

/** `whyAbsent` says of a figure that was not taken why not. */
export function verdictOf(
  rule: Rule,
  figures: TakenFigures,
  whyAbsent: (key: FigureKey) => string = (key) => `not measured: ${meaningOf(key)}`,
): ClaimVerdict {
  const taken = new Taken(figures);
  const absent = figuresOfRule(rule).find((key) => taken.all(key).length === 0);
  if (absent !== undefined) return { kind: 'not-decided', reason: whyAbsent(absent) };
  const numbers = rule.numbers(taken);
  if (NO_NUMBER.test(numbers)) return { kind: 'not-decided', reason: 'its figures make no number; run again' };
  const standing = standingOf(rule.bounds, taken);
  if (standing.kind === 'kept') return { kind: 'holds', numbers };
  if (standing.kind === 'open') return { kind: 'not-decided', reason: standing.reason };
  if (rule.when === undefined) return { kind: 'does-not-hold', numbers };
  const enough = standingOf(rule.when.bounds, taken);
  if (enough.kind === 'open') return { kind: 'not-decided', reason: enough.reason };
  return enough.kind === 'kept'
    ? { kind: 'holds-when', when: rule.when.text(taken), numbers }
    : { kind: 'does-not-hold', numbers };
}

type Standing = { readonly kind: 'kept' | 'broken' } | { readonly kind: 'open'; readonly reason: string };

/** One that is broken breaks all, whatever the others would say. */
function standingOf(bounds: readonly Bound[], taken: Taken): Standing {
  const standings = bounds.map((bound) => standingOfBound(bound, taken));
  return (
    standings.find(({ kind }) => kind === 'broken') ?? standings.find(({ kind }) => kind === 'open') ?? { kind: 'kept' }
  );
}

function standingOfBound(
  { figure, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Bound,
  taken: Taken,
): Standing {
  const disturbedBy = taken.disturbedBy(figure);
  const room = disturbedBy === undefined ? 1 : DISTURBED_TIMES;
  const [low, high] = [taken.low(figure), taken.high(figure)];
  if (low >= least * room && high <= most / room) return { kind: 'kept' };
  if (high < least / room || low > most * room) return { kind: 'broken' };
  const found = `${meaningOf(figure)}: ${taken.rangeText(figure)}, where the rule asks for ${asked({ figure, least, most })}`;
  return {
    kind: 'open',
    reason:
      disturbedBy === undefined
        ? `${found}: its trials lie on both sides; run again, with more --trials`
        : `${found}: too near for trials that were disturbed (${disturbedBy}); run again on a quieter machine`,
  };
}

function asked({ figure, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Bound): string {
  const [from, to] = [least, most].map((value) => boundText(rowOf(figure), value));
  if (least === most) return from ?? '';
  if (Number.isFinite(least) && Number.isFinite(most)) return `${from} to ${to}`;
  return Number.isFinite(least) ? `at least ${from}` : `at most ${to}`;
}

/** What was to be found, before anything was: in every trial. */
export function ruleText({ bounds, when }: Rule): string {
  const condition = when === undefined ? '' : `; under a condition where ${termsText(when.bounds)}`;
  return `Holds where ${termsText(bounds)}${condition}.`;
}

function termsText(bounds: readonly Bound[]): string {
  return listOf(bounds.map((bound) => `${meaningOf(bound.figure)}: ${asked(bound)}`));
}

export function verdictText(verdict: ClaimVerdict, { here }: { readonly here?: boolean } = {}): string {
  const words = VERDICT_WORDS[verdict.kind];
  if (verdict.kind === 'holds-when') return `${words} ${verdict.when}`;
  return here === true ? `${words} ${HERE}` : words;
}

export function numbersText(verdict: ClaimVerdict): string {
  return verdict.kind === 'not-decided' ? verdict.reason : verdict.numbers;
}
