import { z } from 'zod';
import type { SessionEnd } from '../../scenarios/session-end.ts';

const session = z.int();
/** On the page's own clock. */
const atMs = z.number();
const text = z.string();

/** As code of pages knows them. */
const endSchema = z.discriminatedUnion('code', [
  z.object({ code: z.literal('http-status'), status: z.int() }),
  z.object({ code: z.literal('websocket-close'), closeCode: z.int() }),
  z.object({ code: z.literal('connection-closed') }),
  z.object({ code: z.literal('protocol'), cause: z.literal('content-type') }),
  z.object({ code: z.literal('other'), text }),
]) satisfies z.ZodType<SessionEnd>;

/** What page-client.js tells of the session with that number. */
const toldSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('live'), session }),
  /** Of one that comes back by itself: its connection has gone, a try has failed, and there it is. */
  z.strictObject({ kind: z.enum(['away', 'failed', 'back']), session }),
  z.strictObject({ kind: z.literal('entry'), session, text, atMs }),
  z.strictObject({ kind: z.literal('bytes'), session, base64: text, atMs }),
  /** An answer to a poll, with so many messages. */
  z.strictObject({ kind: z.literal('answered'), session, messages: z.int(), atMs }),
  /** To the command of that number. */
  z.strictObject({ kind: z.literal('answer'), session, number: z.int(), text, atMs }),
  z.strictObject({ kind: z.literal('over'), session, end: endSchema }),
]);

export type Told = z.output<typeof toldSchema>;

const linesSchema = z.array(toldSchema);

export function readTold(payload: string): readonly Told[] {
  return linesSchema.parse(JSON.parse(payload));
}
