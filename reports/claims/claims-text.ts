import { distinct } from '../figures/wording.ts';
import { judged, leadText, type Measured } from './claims-page.ts';
import { numbersText, verdictText } from './verdict.ts';

/** What came of each claim, for a terminal: the claim, its verdict, and the numbers below. */
export function claimsText(claims: Measured): string {
  const all = judged(claims);
  const places = distinct(all.map(({ claim }) => claim.place)).flatMap((place) => [
    `\n${place}`,
    ...all
      .filter(({ claim }) => claim.place === place)
      .flatMap(({ claim, verdict }) => [`  "${claim.said}": ${verdictText(verdict)}`, `      ${numbersText(verdict)}`]),
  ]);
  return [...places, '', leadText(all)].join('\n');
}
