import { NS_PER_SECOND } from '../units.ts';

/** How long what a node read is good for where its polls share it, from the beginning of the read. */
export const SHARED_FOR_NS = NS_PER_SECOND;
