import { z } from 'zod';

/** How each kind of feed is written in a workload file. */

/** What a publisher says, to all. */
const publishedSchema = z.strictObject({
  kind: z.enum(['fixed', 'poisson']),
  messagesPerSecond: z.number().min(0.001).max(100_000),
});

/** What the clients say themselves, to each other; who does when follows from the seed (conversation.ts). */
const conversationSchema = z.strictObject({
  kind: z.literal('conversation'),
  /** Of all clients together. */
  messagesPerSecond: z.number().min(0.001).max(10_000),
  /** Clients of a room: neighbours by their numbers. */
  roomSize: z.int().min(2).max(100_000),
  /** Messages that one says in a row at most; as many as that, or fewer, are equally likely. */
  burst: z.int().min(1).max(20),
  /** The share of turns that are for one other client alone. */
  directShare: z.number().min(0).max(1),
  /** The share of turns before which the others see that somebody writes. */
  typingShare: z.number().min(0).max(1),
  /** How often a client joins another room as well, to leave it again after `visitSeconds`, more or less. */
  visitsPerSecond: z.number().min(0).max(1000),
  visitSeconds: z.number().min(0.1).max(3600),
});

/** What a publisher says at random (Poisson), each message to one client, any of them. */
const directSchema = z.strictObject({
  kind: z.literal('direct'),
  /** To all clients together. */
  messagesPerSecond: z.number().min(0.001).max(10_000),
});

/** What a publisher says in streams of small messages, each stream to one client, in turn (streams.ts). */
const streamsSchema = z
  .strictObject({
    kind: z.literal('streams'),
    /** Of all streams together, on average: how often one begins follows from it. */
    messagesPerSecond: z.number().min(0.001).max(10_000),
    /** Messages of a stream, and how many of them are due in a second. */
    streamMessages: z.int().min(2).max(10_000),
    streamPerSecond: z.number().min(0.1).max(1000),
    /** Of a share of the streams the client's connection is cut, behind so many messages. */
    cut: z.strictObject({ after: z.int().min(1), share: z.number().min(0).max(1) }).optional(),
  })
  .refine(({ cut, streamMessages }) => cut === undefined || cut.after < streamMessages, {
    path: ['cut', 'after'],
    error: 'nothing of a stream is left behind its last message: choose fewer',
  });

/** Nothing: clients are connected, and that is all. */
const silentSchema = z.strictObject({
  kind: z.literal('none'),
  messagesPerSecond: z.number().min(0).max(0).default(0),
});

export const feedSchema = z.discriminatedUnion('kind', [
  publishedSchema,
  conversationSchema,
  directSchema,
  streamsSchema,
  silentSchema,
]);

export type Feed = z.infer<typeof feedSchema>;
export type ConversationFeed = z.infer<typeof conversationSchema>;
export type StreamsFeed = z.infer<typeof streamsSchema>;
export type DirectFeed = z.infer<typeof directSchema>;
