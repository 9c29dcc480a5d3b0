import { Failure } from './failures.ts';

export const NS_PER_US = 1e3;
export const NS_PER_MS = 1e6;
export const NS_PER_SECOND = 1e9;

const DURATION_UNITS_NS: Readonly<Record<string, number>> = {
  us: NS_PER_US,
  ms: NS_PER_MS,
  s: NS_PER_SECOND,
  m: 60 * NS_PER_SECOND,
  h: 3600 * NS_PER_SECOND,
};

/**
 * The longest time that a user may ask for. Timers end at 2^31 - 1 ms, 24.8 days, and several times are added up before
 * one is set.
 */
const MOST_DURATION = '168h';

export interface DurationBounds {
  /** As a user would write them. */
  readonly least: string;
  readonly most: string;
}

/** How a duration is written, whatever its bounds: a regular expression that editors understand too. */
export const DURATION_PATTERN = `^\\s*(\\d+(?:\\.\\d+)?)(${Object.keys(DURATION_UNITS_NS).join('|')})\\s*$`;
const DURATION = new RegExp(DURATION_PATTERN);

/**
 * `10s`, `250ms`, `1.5m` to nanoseconds; a bare number is refused, because it would have no unit. Throws `usage` for
 * what is no duration, and for one out of its bounds.
 */
export function parseDuration(text: string, name: string, bounds: Partial<DurationBounds> = {}): number {
  const durationNs = durationOrProblem(text, bounds);
  if (typeof durationNs === 'string') throw new Failure('usage', `${name}: ${durationNs}`);
  return durationNs;
}

/** The same, or what is wrong with it, for who says by itself where it stands. */
export function durationOrProblem(text: string, bounds: Partial<DurationBounds> = {}): number | string {
  const { least = '1us', most = MOST_DURATION } = bounds;
  const durationNs = readDuration(text);
  if (durationNs === undefined) return `"${text}" is not a duration; write it with a unit, such as 10s, 250ms or 2m`;
  if (durationNs > (readDuration(most) ?? 0)) return `"${text}" is too long: at most ${most}`;
  if (durationNs < (readDuration(least) ?? 0)) return `"${text}" is too short: at least ${least}`;
  return durationNs;
}

function readDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  const unitNs = DURATION_UNITS_NS[match?.[2] ?? ''];
  return unitNs === undefined ? undefined : Math.round(Number(match?.[1]) * unitNs);
}

/** Nanoseconds as a person reads them: `1.31 s`, `2.04 ms`, `37.0 µs`; three significant digits. */
export function formatDuration(durationNs: number): string {
  // The unit is chosen after rounding, so that 999,999 ns are 1.00 ms and not 1,000 µs.
  const size = threeDigits(Math.abs(durationNs));
  if (size >= 60 * NS_PER_SECOND) return formatMinutes(durationNs / NS_PER_SECOND);
  if (size >= NS_PER_SECOND) return `${significant(durationNs / NS_PER_SECOND)} s`;
  if (size >= NS_PER_MS) return `${significant(durationNs / NS_PER_MS)} ms`;
  return `${significant(durationNs / NS_PER_US)} µs`;
}

/** Nanoseconds to the last one, with the unit that suits: `3 s`, `1.5 s`, `250 ms`; for what somebody chose. */
export function exactDuration(durationNs: number): string {
  if (durationNs >= NS_PER_SECOND) return `${durationNs / NS_PER_SECOND} s`;
  if (durationNs >= NS_PER_MS) return `${durationNs / NS_PER_MS} ms`;
  return `${durationNs / NS_PER_US} µs`;
}

function formatMinutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Bytes in decimal units, as network people count: `336 B`, `12.3 kB`, `1.20 MB`. */
export function formatBytes(bytes: number): string {
  const size = threeDigits(bytes);
  if (size >= 1e9) return `${significant(bytes / 1e9)} GB`;
  if (size >= 1e6) return `${significant(bytes / 1e6)} MB`;
  if (size >= 1e4) return `${significant(bytes / 1e3)} kB`;
  return `${significant(bytes)} B`;
}

/** Three significant digits but at most three decimals, whole numbers in full, thousands separated, never an exponent. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(threeDigits(value)))));
  const { decimals: byCount } = formats();
  return (byCount[decimals] ?? byCount.at(-1))?.format(value) ?? '';
}

interface NumberFormats {
  /** By the number of decimals. */
  readonly decimals: readonly Intl.NumberFormat[];
  readonly threeDigits: Intl.NumberFormat;
}

let made: NumberFormats | undefined;

/**
 * Made once: a report has thousands of numbers, and to make one of these takes longer than to use it. Not before a number is
 * shown: a generator that reads this file for its units may have a runtime without Intl.
 */
function formats(): NumberFormats {
  made ??= {
    decimals: [0, 1, 2, 3].map(
      (count) => new Intl.NumberFormat('en-US', { minimumFractionDigits: count, maximumFractionDigits: count }),
    ),
    threeDigits: new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3, useGrouping: false }),
  };
  return made;
}

/** By the rounding that shows it too: 9.995 is a little less in binary, which toPrecision sees and toLocaleString does not. */
function threeDigits(value: number): number {
  return Number(formats().threeDigits.format(value));
}
