import type { ValueOf } from '../../scenarios/dimensions.ts';

/** What Chromium waits where nobody tells it. */
const FIXED_MS = 3000;
/** The same on average, so that what differs is that clients do not all come back at once. */
const LEAST_MS = 1000;
const MOST_MS = 5000;

/** What a client is told to wait before it comes back, in milliseconds; undefined where it is told nothing. */
export function retryMs(retry: ValueOf<'retry'> = 'none'): number | undefined {
  switch (retry) {
    case 'none':
      return undefined;
    case 'fixed':
      return FIXED_MS;
    case 'random':
      return LEAST_MS + Math.floor(Math.random() * (MOST_MS - LEAST_MS + 1));
    default:
      return retry satisfies never;
  }
}
