import { createAdapter } from '@socket.io/redis-adapter';
import { type AdapterKind, opensAdapter, triesAdapter } from './socketio-adapter.ts';

const KIND: AdapterKind = {
  connect: async (connections, name) => {
    const publisher = await connections.connect();
    const subscriber = await connections.connect();
    return { publisher, create: () => createAdapter(publisher, subscriber, { key: name }) };
  },
  keys: () => [],
};

export const openBackplane = opensAdapter(KIND);
export const tryRedis = triesAdapter(KIND);
