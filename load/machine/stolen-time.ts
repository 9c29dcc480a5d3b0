import { readFileSync } from 'node:fs';
import { NS_PER_MS } from '../../scenarios/units.ts';

/** The kernel counts this in ticks of USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_NS = 10 * NS_PER_MS;

/**
 * Time in which the hypervisor ran others on our cores, since boot and over all cores; null where it is not told. A
 * machine that is stopped now and then makes any latency doubtful.
 */
export function stolenTimeNs(): number | null {
  try {
    return parseStolenTime(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}

/** From the text of /proc/stat (proc(5): the eighth figure of the first line). */
export function parseStolenTime(text: string): number | null {
  const ticks = /^cpu(?:\s+\d+){7}\s+(\d+)/.exec(text)?.[1];
  return ticks === undefined ? null : Number(ticks) * TICK_NS;
}
