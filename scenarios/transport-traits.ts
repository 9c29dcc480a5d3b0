import { z } from 'zod';

/**
 * What a push transport adds to a message on its connection, by the size of the message: the last row that begins at or
 * below it.
 */
const framingSchema = z.array(z.strictObject({ fromBytes: z.int().min(0), addsBytes: z.int().min(0) })).readonly();

export type Framing = z.infer<typeof framingSchema>;

/**
 * How clients get messages: asking at an `interval`, by requests that are `held` until there is something, or by `push`
 * over a connection that stays. Results carry it, so that nobody has to know a transport by its name.
 */
export const transportTraitsSchema = z.discriminatedUnion('cadence', [
  z.strictObject({ label: z.string(), cadence: z.literal('interval') }),
  z.strictObject({ label: z.string(), cadence: z.literal('held') }),
  z.strictObject({ label: z.string(), cadence: z.literal('push'), framing: framingSchema }),
]);

export type TransportTraits = z.infer<typeof transportTraitsSchema>;
export type Cadence = TransportTraits['cadence'];

export function framingBytes(framing: Framing, messageBytes: number): number {
  return framing.findLast(({ fromBytes }) => fromBytes <= messageBytes)?.addsBytes ?? 0;
}
