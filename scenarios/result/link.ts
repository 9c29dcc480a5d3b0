import { z } from 'zod';

const amount = z.number();
const count = z.int().min(0);
/** Bits a second, of each connection; null where nothing limited it. */
const rate = amount.nullable();

const lineSchema = z.strictObject({
  /** That were to go over it. */
  frames: count,
  bytes: count,
  /** By chance, as asked. */
  lost: count,
  /** Because more waited than a line's queue holds. */
  dropped: count,
});

/** What lay between clients and what they connected to: as it was asked for, and as it was made. */
export const linkSchema = z.strictObject({
  asked: z.strictObject({
    /** One way. */
    delayNs: amount,
    bitsPerSecondDown: rate,
    bitsPerSecondUp: rate,
    /** Of the packets, either way. */
    loss: amount,
  }),
  means: z.enum(['netem', 'relay']),
  /**
   * Measured before anybody connected, from the client host; rates are null where none was asked for, or one above 200 Mbit/s,
   * which no program sends fast enough to tell.
   */
  made: z.strictObject({
    /** Half of the median time of a TCP connect, and within how much of it four in five of them lay. */
    delayNs: amount,
    spreadNs: amount,
    bitsPerSecondDown: rate,
    bitsPerSecondUp: rate,
  }),
  /** From the feed's begin until all was delivered. */
  carried: z.strictObject({
    down: lineSchema,
    up: lineSchema,
    /** For which the relay had no room, or that a host did not take. */
    failed: count,
    /** How long after it was due a packet came out of the relay; null where the kernel carried it. */
    lateness: z.strictObject({ p50Ns: amount, p99Ns: amount, maxNs: amount }).nullable(),
  }),
});

export type LinkRecord = z.infer<typeof linkSchema>;
