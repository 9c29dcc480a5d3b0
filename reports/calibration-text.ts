import type { NoiseEntry } from '../scenarios/result/noise.ts';
import { formatDuration, significant } from '../scenarios/units.ts';
import { COMPARED, type ComparedMetricId } from './figures/compared.ts';
import { countOf, listOf } from './figures/wording.ts';
import { CALIBRATED, type Coverage } from './report/calibration.ts';
import { halfWidth } from './statistics/ratio.ts';

/** In how many campaigns the interval held the truth, a line a figure. */
export function calibrationLines(coverage: readonly Coverage[], campaigns: number): string[] {
  const width = Math.max(...coverage.map(({ metric }) => labelOf(metric).length));
  return [
    '',
    `One thing against itself, ${countOf(campaigns, 'campaign')}: the interval of 95 % held 1`,
    ...coverage.map((one) => `  ${labelOf(one.metric).padEnd(width)}  ${heldText(one)}`),
  ];
}

function heldText({ held, told, asked }: Coverage): string {
  if (told === 0) return 'n/a: it could not be measured';
  return `in ${held} of ${told} (asked: ${asked === told ? 'all' : `${asked} or more`})`;
}

/** What single trials can tell from chance on this machine. */
export function noiseLines(entries: readonly NoiseEntry[]): string[] {
  const known = entries.filter(({ metric }) => CALIBRATED.some((id) => id === metric));
  if (known.length === 0) return [];
  return [
    '',
    'What one trial each can tell from chance, as a ratio:',
    ...known.map(
      ({ classId, metric, windowNs, sd, degrees }) =>
        `  ${metric.padEnd(13)}  ${CLASS_WORDS[classId].padEnd(19)}  windows of ${formatDuration(windowNs)}: ${ratioText(halfWidth({ sd, degrees }, 1))}`,
    ),
  ];
}

/** With few degrees of freedom an interval has no end to speak of. */
const MOST_TOLD = 1000;

function ratioText(ratio: number): string {
  return ratio > MOST_TOLD ? 'nothing' : `× ${significant(ratio)}`;
}

const CLASS_WORDS: Readonly<Record<NoiseEntry['classId'], string>> = {
  interval: 'clients that poll',
  prompt: 'held requests, push',
};

/** Undefined where every interval held 1 as often as is asked. */
export function shortfallText(coverage: readonly Coverage[]): string | undefined {
  const short = coverage.filter(({ held, asked }) => held < asked);
  if (short.length === 0) return undefined;
  const texts = short.map(({ metric, held, told, asked }) => `${labelOf(metric)} in ${held} of ${told}, not ${asked}`);
  return `intervals left out the truth too often: ${listOf(texts)}; something disturbs this machine while it measures, so trust no small difference on it, and calibrate again when it is quiet`;
}

function labelOf(metric: ComparedMetricId): string {
  return COMPARED[metric].label;
}
