import { z } from 'zod';

/**
 * What a push transport adds to a message on its connection, by the size of the message: the last row that begins at or
 * below it.
 */
const framingSchema = z.array(z.strictObject({ fromBytes: z.int().min(0), addsBytes: z.int().min(0) })).readonly();

export type Framing = z.infer<typeof framingSchema>;

const interval = { cadence: z.literal('interval') };
const held = { cadence: z.literal('held') };
/** `writes`: the parts of a message that are written one after the other, each in a segment of its own; absent: one. */
const push = { cadence: z.literal('push'), framing: framingSchema, writes: z.int().min(2).optional() };

/**
 * How clients get messages: asking at an `interval`, by requests that are `held` until there is something, or by `push`
 * over a connection that stays.
 */
const carriageSchema = z.discriminatedUnion('cadence', [
  z.strictObject(interval),
  z.strictObject(held),
  z.strictObject(push),
]);

export type Carriage = z.infer<typeof carriageSchema>;
export type Cadence = Carriage['cadence'];

/** A carriage that is another one where a variant has all of those values. */
const exceptionSchema = z.strictObject({
  where: z.record(z.string(), z.union([z.string(), z.number()])),
  is: carriageSchema,
});

export const COLOURS = ['vermillion', 'blue', 'pink', 'green', 'ink'] as const;
export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'plus'] as const;

/** How a transport is drawn, on every page: told apart with each colour blindness, and by the shape alone in grey. */
const lookSchema = z.strictObject({ colour: z.enum(COLOURS), shape: z.enum(SHAPES) });

export type TransportLook = z.infer<typeof lookSchema>;

const described = {
  label: z.string(),
  look: lookSchema.optional(),
  /** A server that is not one of the run: no law says what it costs. Absent: one of feedbench's own. */
  outside: z.literal(true).optional(),
  /** Of such a server the transport whose clients get messages in the same way. */
  nearest: z.string().optional(),
  exceptions: z.array(exceptionSchema).readonly().optional(),
  /** Where clients ask, over HTTP; absent of a server that is not one of the run, and in files from before it was kept. */
  path: z.string().optional(),
  /**
   * What clients say goes by requests of its own. Absent: on the connection by which they get messages, or nobody speaks; and in
   * files from before it was kept.
   */
  commandsBy: z.literal('requests').optional(),
};

/** What results say of a transport, so that nobody has to know it by its name. */
export const transportTraitsSchema = z.discriminatedUnion('cadence', [
  z.strictObject({ ...described, ...interval }),
  z.strictObject({ ...described, ...held }),
  z.strictObject({ ...described, ...push }),
]);

export type TransportTraits = z.infer<typeof transportTraitsSchema>;
export type CarriageException = z.infer<typeof exceptionSchema>;
