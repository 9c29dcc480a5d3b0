import exec from 'k6/execution';

const TICKS = 5;

/**
 * Reads the wall clock in milliseconds with their fraction. `Date.now()` is cut to whole milliseconds; how long the test
 * has run is not, so the moment it began, once found, makes a fine clock of it.
 */
export function wallClock(startMs: number): () => number {
  // Looked up once: the getter costs ten times what the reading does.
  const { instance } = exec;
  return () => startMs + instance.currentTestRunDuration;
}

/**
 * When the test began. As `Date.now()` steps on, the time is exact; the reading comes a little after it, so the latest of
 * several findings is the closest.
 */
export function findStartMs(): number {
  const { instance } = exec;
  let startMs = 0;
  for (let tick = 0; tick < TICKS; tick++) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    startMs = Math.max(startMs, now - instance.currentTestRunDuration);
  }
  return startMs;
}
