import { Failure } from '../failures.ts';

/** Decimal, as networks count. */
const UNITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** How a rate is written, whatever its bounds. */
export const RATE_PATTERN = `^\\s*(\\d+(?:\\.\\d+)?)(${Object.keys(UNITS).join('|')})\\s*$`;
const RATE = new RegExp(RATE_PATTERN);

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** `10mbit` to bits a second, and nothing at all to 0. Throws `usage` for what is no rate, and for one out of its bounds. */
export function parseRate(text: string, name: string, { least, most }: Bounds): number {
  const match = RATE.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (unit === undefined)
    throw new Failure('usage', `${name}: "${text}" is not a rate; write it with a unit, such as 10mbit or 750kbit`);
  const bitsPerSecond = Math.round(Number(match?.[1]) * unit);
  if (bitsPerSecond !== 0 && (bitsPerSecond < least || bitsPerSecond > most))
    throw new Failure('usage', `${name}: "${text}" is not from ${compact(least)} to ${compact(most)}`);
  return bitsPerSecond;
}

/** To the last bit, with the unit that suits: `10 mbit`, `1.6384 mbit`; for what somebody chose. */
export function exactRate(bitsPerSecond: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, each]) => bitsPerSecond >= each) ?? ['bit', 1];
  return `${bitsPerSecond / size} ${unit}`;
}

function compact(bitsPerSecond: number): string {
  return exactRate(bitsPerSecond).replace(' ', '');
}
