import { NS_PER_MS, NS_PER_SECOND } from '../units.ts';

/** Time is cut so, because a server that takes a thousand connects in a millisecond and rests for a second is not at ease. */
const STEP_NS = 100 * NS_PER_MS;

/** The most of these moments that lie in a tenth of a second, counted from 0, as so many a second. */
export function mostPerSecond(timesNs: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const timeNs of timesNs) {
    const step = Math.floor(timeNs / STEP_NS);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const most = counts.values().reduce((high, count) => Math.max(high, count), 0);
  return (most * NS_PER_SECOND) / STEP_NS;
}
