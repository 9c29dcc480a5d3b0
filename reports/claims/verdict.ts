import { type ClaimFigureId, claimFigure, type ClaimFigures } from '../../scenarios/claims/figures.ts';
import { Taken } from './taken.ts';

/** What came of a claim, with the numbers in a sentence. */
export type ClaimVerdict =
  | { readonly kind: 'holds'; readonly numbers: string }
  | { readonly kind: 'holds-when'; readonly when: string; readonly numbers: string }
  | { readonly kind: 'does-not-hold'; readonly numbers: string }
  /** What it rests on was not measured. */
  | { readonly kind: 'not-decided'; readonly reason: string };

export interface Claim {
  readonly id: string;
  /** The heading under which it stands. */
  readonly place: string;
  /** In the guide's own words. */
  readonly said: string;
  readonly how: string;
  /** What it rests on. */
  readonly figures: readonly ClaimFigureId[];
  /** Called where all of these are there. */
  readonly judge: (taken: Taken) => ClaimVerdict;
}

const VERDICT_WORDS = {
  holds: 'holds',
  'holds-when': 'holds when',
  'does-not-hold': 'does not hold',
  'not-decided': 'not decided',
} as const satisfies Record<ClaimVerdict['kind'], string>;

export function verdictOf({ figures, judge }: Claim, all: ClaimFigures): ClaimVerdict {
  const absent = figures.find((id) => (all[id] ?? []).length === 0);
  if (absent !== undefined) return { kind: 'not-decided', reason: `not measured: ${claimFigure(absent).meaning}` };
  return judge(new Taken(all));
}

/** Yes or no, with the numbers either way. */
export function holdsIf(isSo: boolean, numbers: string): ClaimVerdict {
  return { kind: isSo ? 'holds' : 'does-not-hold', numbers };
}

export function verdictText(verdict: ClaimVerdict): string {
  return verdict.kind === 'holds-when' ? `holds when ${verdict.when}` : VERDICT_WORDS[verdict.kind];
}

export function numbersText(verdict: ClaimVerdict): string {
  return verdict.kind === 'not-decided' ? verdict.reason : verdict.numbers;
}
