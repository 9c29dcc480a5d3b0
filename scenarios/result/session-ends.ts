import { z } from 'zod';
import { PROTOCOL_CAUSE_IDS, SOCKETIO_END_IDS, type SessionEnd } from '../session-end.ts';

const systemCode = z.string();
const text = z.string().optional();

export const sessionEndSchema: z.ZodType<SessionEnd> = z.discriminatedUnion('code', [
  z.strictObject({ code: z.enum(['unreachable', 'connection-lost']), system: systemCode }),
  z.strictObject({ code: z.enum(['connection-closed', 'silent', 'cut']) }),
  z.strictObject({ code: z.literal('http-status'), status: z.int(), text }),
  z.strictObject({ code: z.literal('websocket-close'), closeCode: z.int(), text }),
  z.strictObject({
    code: z.literal('socketio-packet'),
    packet: z.enum(SOCKETIO_END_IDS),
    refusalCode: z.int().optional(),
    text,
  }),
  z.strictObject({ code: z.literal('protocol'), cause: z.enum(PROTOCOL_CAUSE_IDS), text }),
  z.strictObject({ code: z.literal('other'), text }),
]);

/** How sessions ended, the most frequent way first. */
export const sessionEndsSchema = z.array(z.strictObject({ end: sessionEndSchema, count: z.int().min(0) }));
