import { countOf, listOf } from '../figures/wording.ts';
import type { Claims } from '../../scenarios/result/claims.ts';
import { CLAIMS } from './claims.ts';
import { type ClaimRun, type FigureKey, meaningOf, partsOf } from './figure-keys.ts';
import { type Claim, type ClaimVerdict, figuresOfRule, verdictOf } from './verdict.ts';
import { readingOf } from './run-readings.ts';
import type { RunFigureId } from './run-figures.ts';
import type { Report } from '../report/report.ts';
import type { TakenFigures } from './taken.ts';

/** What verdicts are made of. */
export type Measured = Pick<Claims, 'figures' | 'missing'>;

export interface Judged {
  readonly claim: Claim;
  readonly verdict: ClaimVerdict;
}

/** What came of each claim, in the order of the table. */
export function judgedClaims({ figures, missing }: Measured): Judged[] {
  const whyAbsent = (key: FigureKey): string => {
    const why = missing[partsOf(key)[0]];
    return `not measured: ${why ?? `${meaningOf(key)}; run again`}`;
  };
  return CLAIMS.map((claim) => ({ claim, verdict: verdictOf(claim, (key) => figures[key], whyAbsent) }));
}

/** What claims ask of a run that was made for them. */
export function takenOfRun(run: ClaimRun, report: Report): Measured['figures'] {
  const keys = new Set(CLAIMS.flatMap(figuresOfRule));
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const [source, id] = partsOf(key);
      const taken = source === run ? readingOf(report, id as RunFigureId) : undefined;
      return taken === undefined ? [] : [[key, taken]];
    }),
  );
}

/** Of one run's own figures, the claims of which they say something. */
export function judgedHere(report: Report): Judged[] {
  const known = new Map<FigureKey, ReturnType<TakenFigures>>();
  const figures: TakenFigures = (key) => {
    if (!known.has(key)) known.set(key, readingOf(report, partsOf(key)[1] as RunFigureId));
    return known.get(key);
  };
  return CLAIMS.flatMap((claim) => {
    const { here } = claim;
    if (here === undefined) return [];
    const isKnown = figuresOfRule(here).every((key) => figures(key) !== undefined);
    return isKnown ? [{ claim, verdict: verdictOf(here, figures) }] : [];
  });
}

/** `Of 27 claims 21 hold as they are said, 4 hold under a condition and 2 do not hold.` */
export function leadText(all: readonly Judged[]): string {
  const count = (kind: ClaimVerdict['kind']): number => all.filter(({ verdict }) => verdict.kind === kind).length;
  const parts = [
    [count('holds'), count('holds') === 1 ? 'holds as it is said' : 'hold as they are said'],
    [count('holds-when'), count('holds-when') === 1 ? 'holds under a condition' : 'hold under a condition'],
    [count('does-not-hold'), count('does-not-hold') === 1 ? 'does not hold' : 'do not hold'],
    [count('not-decided'), 'could not be decided'],
  ] as const;
  return `Of ${countOf(all.length, 'claim')} ${listOf(parts.flatMap(([number, words]) => (number === 0 ? [] : `${number} ${words}`)))}.`;
}
