/**
 * A timer of Node's rings a little early, cannot wait for longer than 2^31 ms, and knows nothing of a wall clock that is set: so the
 * clock is looked at again, this often at least.
 */
const LOOK_EVERY_MS = 60_000;

/** Calls `expired` once, when the wall clock is there; never at once. Returns what calls it off. */
export function atWallClock(atMs: number, expired: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const leftMs = Math.max(0, atMs - Date.now());
    timer = setTimeout(look, Math.min(leftMs, LOOK_EVERY_MS)).unref();
  };
  const look = (): void => {
    if (Date.now() < atMs) wait();
    else expired();
  };
  wait();
  return () => clearTimeout(timer);
}
