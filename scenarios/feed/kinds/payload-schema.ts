import { z } from 'zod';
import { leastPayloadBytes, PAYLOAD_KINDS, type PayloadKind } from '../payload.ts';
import { knownKeys, oneOfKinds } from './known-keys.ts';

const MOST_PAYLOAD_BYTES = 1024 * 1024;

/** What is in a message. Each kind has room for its facts. */
export const payloadSchema = z.discriminatedUnion(
  'kind',
  [payloadOf(PAYLOAD_KINDS[0]), ...PAYLOAD_KINDS.slice(1).map((kind) => payloadOf(kind))],
  oneOfKinds(PAYLOAD_KINDS),
);

function payloadOf(kind: PayloadKind) {
  return knownKeys({
    kind: z.literal(kind).describe('what the data of messages looks like'),
    bytes: z
      .int()
      .min(leastPayloadBytes(kind))
      .max(MOST_PAYLOAD_BYTES)
      .describe('the size of the data of each message'),
  });
}
