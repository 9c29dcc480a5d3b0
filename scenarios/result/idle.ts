import { z } from 'zod';

const amount = z.number();

/** In bytes, what nobody needs any more not counted. */
const heldSchema = z.strictObject({
  /** Resident, whatever it is for. */
  residentBytes: amount,
  /** Of these, what JavaScript's objects and buffers have. */
  objectBytes: amount,
});

/** What is known of a trial in which nothing was said: what kept its connections alive, and what the nodes held for them. */
export const idleSchema = z.strictObject({
  /** How often something went over each connection, and how often it does where nobody asks for more. */
  signNs: amount,
  usualSignNs: amount,
  /** What went over it, as bytes on the connection; null where a request was answered. */
  frames: z.strictObject({ downBytes: amount, upBytes: amount }).nullable(),
  /** All nodes together: before anybody connected, and with all connections. */
  held: z.strictObject({ before: heldSchema, connected: heldSchema }),
});

export type IdleRecord = z.infer<typeof idleSchema>;
export type HeldMemory = z.infer<typeof heldSchema>;
