import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';

const TICKS = 5;

/**
 * The wall clock minus the monotonic one, in milliseconds, to within a microsecond or two. As `Date.now()` steps on it is
 * exact; the other clock is read a little later, so the largest of several differences is the closest. It takes 5 ms of
 * computing, and stays the same until somebody sets the wall clock.
 */
export function measureWallOffsetMs(): number {
  let offsetMs = Number.NEGATIVE_INFINITY;
  for (let tick = 0; tick < TICKS; tick++) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    offsetMs = Math.max(offsetMs, now - monotonicNs() / NS_PER_MS);
  }
  return offsetMs;
}
