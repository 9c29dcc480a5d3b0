import { z } from 'zod';
import { faultSchema } from '../fault-schemas.ts';
import { sessionEndsSchema } from './session-ends.ts';

/** From the fault on, in nanoseconds, by each per cent of those who were dropped, 0 to 100; null from where it never came to that. */
const timesOfSharesSchema = z.array(z.number().nullable()).length(101);

const episodeSchema = z.strictObject({
  fault: faultSchema,
  /** Counted from 1; null where no node was struck. */
  node: z.int().min(1).nullable(),
  /** From the beginning of the feed on: when it was done, and when it was undone; null where it was not. */
  doneNs: z.number(),
  undoneNs: z.number().nullable(),
  /** Connections that ended from then on until the next fault, or the end. A client may be among them more than once. */
  dropped: z.int().min(0),
  /** Of those, who did not come back. */
  neverBack: z.int().min(0),
  /** How often they tried. */
  tries: z.int().min(0),
  /** When they had a connection again, and when they had all that was published before it. */
  connectedNs: timesOfSharesSchema,
  caughtUpNs: timesOfSharesSchema,
  /** In the tenth of a second with the most of them. */
  mostConnectsPerSecond: z.number(),
  /** Of the messages that were due while a client was away, how old the oldest was when it came; null where none came. */
  oldestMissedNs: z.number().nullable(),
  /** What was held there alone and is gone, and what comes of it, in words; null where nothing is, and in a file that was written before. */
  gone: z.strictObject({ held: z.string(), thereafter: z.string() }).nullable().default(null),
  /** How those connections ended. */
  ends: sessionEndsSchema,
});

/** What came of the faults of a trial, one after the other. */
export const disruptionSchema = z.strictObject({ episodes: z.array(episodeSchema) });

export type Disruption = z.infer<typeof disruptionSchema>;
export type Episode = z.infer<typeof episodeSchema>;
