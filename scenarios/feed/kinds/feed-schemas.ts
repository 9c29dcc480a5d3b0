import { z } from 'zod';
import { knownKeys, oneOfKinds } from './known-keys.ts';
import { payloadSchema } from './payload-schema.ts';

/** How each kind of feed is written in a workload file. The descriptions are for whoever writes one: editors show them. */

function rate(most: number, of: string) {
  return z.number().min(0.001).max(most).describe(`messages a second, ${of}`);
}

const publishedSchema = knownKeys({
  kind: z
    .enum(['fixed', 'poisson'])
    .describe('what a publisher says to all: in even steps (fixed), or at random (poisson)'),
  messagesPerSecond: rate(100_000, 'each to every client'),
});

const share = z.number().min(0).max(1);

const conversationSchema = knownKeys({
  kind: z.literal('conversation').describe('what the clients say to each other; who does when follows from the seed'),
  messagesPerSecond: rate(10_000, 'of all clients together'),
  roomSize: z.int().min(2).max(100_000).describe('clients of a room: neighbours by their numbers'),
  burst: z
    .int()
    .min(1)
    .max(20)
    .describe('messages that one says in a row at most; as many as that, or fewer, are equally likely'),
  directShare: share.describe('the share of turns that are for one other client alone'),
  typingShare: share.describe('the share of turns before which the others see that somebody writes'),
  visitsPerSecond: z
    .number()
    .min(0)
    .max(1000)
    .describe('how often a client joins another room as well, to leave it again after visitSeconds, more or less'),
  visitSeconds: z.number().min(0.1).max(3600).describe('how long such a visit lasts, more or less'),
});

const directSchema = knownKeys({
  kind: z
    .literal('direct')
    .describe('what a publisher says at random (Poisson), each message to one client, any of them'),
  messagesPerSecond: rate(10_000, 'to all clients together'),
});

const streamsSchema = knownKeys({
  kind: z
    .literal('streams')
    .describe('what a publisher says in streams of small messages, each stream to one client, in turn'),
  messagesPerSecond: rate(10_000, 'of all streams together, on average: how often one begins follows from it'),
  streamMessages: z.int().min(2).max(10_000).describe('messages of a stream'),
  streamPerSecond: z
    .number()
    .min(0.1)
    .max(1000)
    .describe('messages of one stream that are due in a second, in even steps'),
  cut: knownKeys({
    after: z.int().min(1).describe('behind so many messages of its stream'),
    share: share.describe('of such a share of the streams'),
  })
    .optional()
    .describe("the client's connection is cut; it comes back by the variant's --reconnect"),
}).refine(({ cut, streamMessages }) => cut === undefined || cut.after < streamMessages, {
  path: ['cut', 'after'],
  error: 'nothing of a stream is left behind its last message: choose fewer',
});

const roundsSchema = knownKeys({
  kind: z
    .literal('rounds')
    .describe('what everybody says in turn, in even steps: where a cursor is, how a game stands'),
  messagesPerSecond: rate(10_000, 'of all together: a client has its share of them'),
  roomSize: z.int().min(2).max(100_000).describe('clients of a room: neighbours by their numbers'),
  publisherShare: share.describe('the share of messages that a publisher says, to one room after the other'),
  clientsSayTo: z
    .enum(['room', 'server'])
    .describe('whom the clients say theirs to: all of their room, or the server alone'),
  clientsPayload: payloadSchema
    .optional()
    .describe('what is in the messages of clients; absent: what is in those of the publisher'),
});

const silentSchema = knownKeys({
  kind: z.literal('none').describe('nothing is said: clients are connected, and that is all'),
  messagesPerSecond: z.number().min(0).max(0).default(0),
});

const SCHEMAS = [publishedSchema, conversationSchema, directSchema, streamsSchema, roundsSchema, silentSchema] as const;
const KINDS = SCHEMAS.flatMap(({ shape: { kind } }) => (kind instanceof z.ZodEnum ? kind.options : [...kind.values]));

export const feedSchema = z.discriminatedUnion('kind', SCHEMAS, oneOfKinds(KINDS));

export type Feed = z.infer<typeof feedSchema>;
export type ConversationFeed = z.infer<typeof conversationSchema>;
export type StreamsFeed = z.infer<typeof streamsSchema>;
export type RoundsFeed = z.infer<typeof roundsSchema>;
export type DirectFeed = z.infer<typeof directSchema>;
