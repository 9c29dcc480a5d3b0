import { setTimeout } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import type { Redis } from 'ioredis';
import type { AdapterConnections } from './adapter-connections.ts';
import { ANSWER_WITHIN_MS } from './redis-access.ts';
import { type AdapterKind, opensAdapter, triesAdapter } from './socketio-adapter.ts';

const KIND: AdapterKind = {
  connect: async (connections, name) => {
    const publisher = await connections.connect();
    return {
      publisher,
      create: () =>
        createAdapter(publisher, { streamName: name, channelPrefix: name, sessionKeyPrefix: `${name}:session:` }),
      listen: async () => beginReading(connections, publisher, name),
    };
  },
  keys: (name) => [name],
};

const ASK_EVERY_MS = 10;

/**
 * The adapter reads from `$`, the end of the stream, until it has read something: what is written before its first read, or
 * between two of them, it never sees. An entry that is of no namespace, and so for nobody, gives it a place to go on from.
 */
async function beginReading(connections: AdapterConnections, publisher: Redis, stream: string): Promise<void> {
  const untilMs = performance.now() + ANSWER_WITHIN_MS;
  while (!connections.hasRead) {
    if (performance.now() > untilMs) throw new Error('the adapter does not read its stream');
    await publisher.xadd(stream, '*', 'ready', '1');
    await setTimeout(ASK_EVERY_MS);
  }
}

export const openBackplane = opensAdapter(KIND);
export const tryRedis = triesAdapter(KIND);
