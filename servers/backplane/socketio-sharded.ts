import { createShardedAdapter } from '@socket.io/redis-adapter';
import { type AdapterKind, opensAdapter, triesAdapter } from './socketio-adapter.ts';

/** Over SPUBLISH and SSUBSCRIBE, which Redis has since version 7. */
const KIND: AdapterKind = {
  connect: async (connections, name) => {
    const publisher = await connections.connect();
    const subscriber = await connections.connect();
    return { publisher, create: () => createShardedAdapter(publisher, subscriber, { channelPrefix: name }) };
  },
  keys: () => [],
};

export const openBackplane = opensAdapter(KIND);
export const tryRedis = triesAdapter(KIND);
