import { exactRate } from '../../scenarios/path/rates.ts';
import type { LinkRecord } from '../../scenarios/result/link.ts';
import { formatDuration, NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { percentText } from './wording.ts';

/** What tells that a link was not as it was asked for. */
interface LinkFinding {
  readonly seen: string;
  readonly bound: string;
  readonly excess: number;
}

/** Of the delay that was asked for, and so much in any case: the way through two kernels and a probe takes some of it. */
const MOST_DELAY_SHARE = 0.05;
const LEAST_DELAY_BOUND_NS = 0.3 * NS_PER_MS;
const MOST_RATE_SHARE = 0.1;
/** By chance alone a share is further from what was asked once in 16,000 times. */
const MOST_DEVIATIONS = 4;
/** Of the delay, or so much: a broadcast to hundreds of clients comes out one after the other. */
const MOST_LATE_SHARE = 0.05;
const LEAST_LATE_BOUND_NS = NS_PER_MS;
/** A SYN and its answer, by which the delay is measured. */
const CONNECT_BITS = 8 * 74;

/** Where it came out otherwise than it was asked for. */
export function missesOf({ asked, made, carried }: LinkRecord): LinkFinding[] {
  const rates = [
    { way: 'down', asked: asked.bitsPerSecondDown, made: made.bitsPerSecondDown },
    { way: 'up', asked: asked.bitsPerSecondUp, made: made.bitsPerSecondUp },
  ];
  return [
    ...delayMiss(asked, made.delayNs),
    ...rates.flatMap((rate) => rateMiss(rate)),
    ...lossMiss(asked.loss, [carried.down, carried.up]),
    ...(carried.failed === 0
      ? []
      : [{ seen: `${carried.failed} packets found no room in the link`, bound: '0', excess: 1 + carried.failed }]),
  ];
}

/** What a delay comes to that was asked for: the packets that it is measured with leave by a line, too. */
export function expectedDelayNs({ delayNs, bitsPerSecondDown, bitsPerSecondUp }: LinkRecord['asked']): number {
  return delayNs + (leavingNs(bitsPerSecondDown) + leavingNs(bitsPerSecondUp)) / 2;
}

function leavingNs(bitsPerSecond: number | null): number {
  return bitsPerSecond === null ? 0 : (CONNECT_BITS * NS_PER_SECOND) / bitsPerSecond;
}

function delayMiss(asked: LinkRecord['asked'], madeNs: number): LinkFinding[] {
  const expectedNs = expectedDelayNs(asked);
  const boundNs = Math.max(MOST_DELAY_SHARE * expectedNs, LEAST_DELAY_BOUND_NS);
  const offNs = Math.abs(madeNs - expectedNs);
  if (offNs <= boundNs) return [];
  return [
    {
      seen: `the link was asked for ${formatDuration(expectedNs)} each way and made ${formatDuration(madeNs)}: ${formatDuration(offNs)} off`,
      bound: formatDuration(boundNs),
      excess: offNs / boundNs,
    },
  ];
}

function rateMiss(rate: { way: string; asked: number | null; made: number | null }): LinkFinding[] {
  if (rate.asked === null || rate.made === null) return [];
  const off = Math.abs(rate.made / rate.asked - 1);
  if (off <= MOST_RATE_SHARE) return [];
  return [
    {
      seen: `the link was asked for ${exactRate(rate.asked)} ${rate.way} and made ${exactRate(Number(rate.made.toPrecision(3)))}: ${percentText(off, 0)} off`,
      bound: percentText(MOST_RATE_SHARE, 0),
      excess: off / MOST_RATE_SHARE,
    },
  ];
}

function lossMiss(asked: number, lines: readonly LinkRecord['carried']['down'][]): LinkFinding[] {
  const frames = lines.reduce((sum, line) => sum + line.frames, 0);
  const lost = lines.reduce((sum, line) => sum + line.lost, 0);
  const boundFrames = MOST_DEVIATIONS * Math.sqrt(frames * asked * (1 - asked)) + 1;
  const off = Math.abs(lost - frames * asked);
  if (asked === 0 || off <= boundFrames) return [];
  return [
    {
      seen: `of ${frames} packets ${lost} were lost instead of ${Math.round(frames * asked)}: ${Math.round(off)} off`,
      bound: String(Math.round(boundFrames)),
      excess: off / boundFrames,
    },
  ];
}

/** Where what carries packets was late itself. */
export function latenessOf({ asked, carried: { lateness } }: LinkRecord): LinkFinding[] {
  if (lateness === null) return [];
  const boundNs = Math.max(MOST_LATE_SHARE * asked.delayNs, LEAST_LATE_BOUND_NS);
  if (lateness.p99Ns <= boundNs) return [];
  return [
    {
      seen: `the link let packets out late: p99 ${formatDuration(lateness.p99Ns)}`,
      bound: formatDuration(boundNs),
      excess: lateness.p99Ns / boundNs,
    },
  ];
}
