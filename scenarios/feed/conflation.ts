import { NS_PER_MS } from '../units.ts';

/** How long a node holds messages back where clients are to get the newest of each key: longer than no eye sees. */
export const LATEST_WINDOW_NS = 100 * NS_PER_MS;
