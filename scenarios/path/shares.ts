import { Failure } from '../failures.ts';

/** How a share is written, whatever its bounds. */
export const SHARE_PATTERN = String.raw`^\s*(\d+(?:\.\d+)?)%\s*$`;
const SHARE = new RegExp(SHARE_PATTERN);
/** Percent to six decimals and back is exact: what was written is what is said. */
const STEPS = 1e8;

/** `1%` to 0.01. Throws `usage` for what is no share, and for one of more than `most`. */
export function parseShare(text: string, name: string, most: number): number {
  const percent = SHARE.exec(text)?.[1];
  if (percent === undefined) throw new Failure('usage', `${name}: "${text}" is not a share; write it as 1% or 0.5%`);
  const share = Math.round(Number(percent) * (STEPS / 100)) / STEPS;
  if (share > most) throw new Failure('usage', `${name}: "${text}" is too much: at most ${exactShare(most)}`);
  return share;
}

/** `1%`, `0.25%`; for what somebody chose. */
export function exactShare(share: number): string {
  return `${Math.round(share * STEPS) / (STEPS / 100)}%`;
}
