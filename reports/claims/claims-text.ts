import { distinct } from '../figures/wording.ts';
import { type Judged, judgedClaims, leadText, type Measured } from './judged-claims.ts';
import { numbersText, verdictText } from './verdict.ts';

const INDENT = 6;

/** What came of each claim, for a terminal: the claim, its verdict, and the numbers below. */
export function claimsText(claims: Measured, columns: number): string {
  const all = judgedClaims(claims);
  const places = distinct(all.map(({ claim }) => claim.place)).flatMap((place) => [
    `\n${place}`,
    ...all.filter(({ claim }) => claim.place === place).flatMap((one) => linesOf(one, columns)),
  ]);
  return [...places, '', ...wrapped(leadText(all), columns, '')].join('\n');
}

function linesOf({ claim, verdict }: Judged, columns: number): string[] {
  return [
    ...wrapped(`"${claim.said}": ${verdictText(verdict)}`, columns, '  '),
    ...wrapped(numbersText(verdict), columns, ' '.repeat(INDENT)),
  ];
}

/** At blanks; what has none and is longer stays whole. */
function wrapped(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
