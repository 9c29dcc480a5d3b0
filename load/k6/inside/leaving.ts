import { clearInterval, clearTimeout, setInterval, setTimeout } from 'k6/timers';
import { wallClock } from './clock.ts';
import type { Start, Subscriber } from './subscriber.ts';

const LOOK_EVERY_MS = 200;

/** Calls `leave` once a subscriber on a socket has all that it waits for, or its time is up; never where it is told by others. */
export function leaveInTime(
  { hasAll, leaveMs }: Subscriber,
  start: Start,
  { latest, leave }: { readonly latest: () => number; readonly leave: () => void },
): void {
  if (leaveMs === undefined) return;
  const timers: { every?: ReturnType<typeof setInterval>; once?: ReturnType<typeof setTimeout> } = {};
  const end = (): void => {
    if (timers.every !== undefined) clearInterval(timers.every);
    if (timers.once !== undefined) clearTimeout(timers.once);
    leave();
  };
  timers.once = setTimeout(end, Math.max(0, leaveMs - wallClock(start.startMs)()));
  if (start.joined === undefined) return;
  timers.every = setInterval(() => {
    if (hasAll(latest())) end();
  }, LOOK_EVERY_MS);
}
