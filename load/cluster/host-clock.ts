import type { ClockReading } from '../k6/lines.ts';

/** How a host's wall clock stood to the publisher's monotonic one while a feed was played. */
export interface HostClock {
  readonly offsetMs: number;
  /** The offset was not further off than that, at any time between the two readings. */
  readonly boundMs: number;
  /** By how much it changed; undefined where it was read but once. */
  readonly driftMs: number | undefined;
}

/** A script finds the moment at which k6 began to within that, and all of its times stand on it. */
const RESOLUTION_MS = 0.01;

/** The middle of the two, and half of what lies between them on top of the error of each. */
export function hostClock(before: ClockReading, after: ClockReading | undefined): HostClock {
  if (after === undefined)
    return { offsetMs: before.offsetMs, boundMs: before.boundMs + RESOLUTION_MS, driftMs: undefined };
  const driftMs = after.offsetMs - before.offsetMs;
  return {
    offsetMs: before.offsetMs + driftMs / 2,
    boundMs: Math.max(before.boundMs, after.boundMs) + Math.abs(driftMs) / 2 + RESOLUTION_MS,
    driftMs,
  };
}

/** More than the errors of both readings, and than clocks of quartz part in a run. */
const MOST_DRIFT_MS = 1;

/** Whether a clock was set meanwhile, or runs far from the other. */
export function isUneven({ driftMs = 0 }: HostClock, before: ClockReading, after: ClockReading): boolean {
  return Math.abs(driftMs) > before.boundMs + after.boundMs + MOST_DRIFT_MS;
}
