import { NS_PER_SECOND } from '../../scenarios/units.ts';

/** How long a run takes where nobody says how long, nor how often: for each scenario that is named, and for all of them. */
export const NAMED_NS = 120 * NS_PER_SECOND;
export const WHOLE_NS = 550 * NS_PER_SECOND;

/** With three, an interval is narrow enough for most questions; a fourth takes a tenth off it. */
export const MOST_BLOCKS = 3;
