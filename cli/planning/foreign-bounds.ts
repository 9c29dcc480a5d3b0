import { NS_PER_SECOND } from '../../scenarios/units.ts';

/** What is asked of a machine that is not this one at most; less may be asked for. */
export const MOST_CLIENTS_OUTSIDE = 1000;
export const MOST_NS_OUTSIDE = 600 * NS_PER_SECOND;
