import { DIMENSIONS } from '../dimensions.ts';
import { NS_PER_MS } from '../units.ts';

/** How long a node holds messages back where clients are to get the newest of each key: longer than no eye sees. */
export const LATEST_WINDOW_NS = 100 * NS_PER_MS;

/** Whether a message may be left out for a newer one of its key. */
export function deliversLatest(values: Readonly<Record<string, string | number | undefined>>): boolean {
  return (values['deliver'] ?? DIMENSIONS.deliver.usual) === 'latest';
}
