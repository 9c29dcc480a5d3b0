import type { Adapter } from 'feedbench/adapter';

/** A server of Socket.IO with a room: clients join it, and hear `said` when somebody says something there. */
export const adapter: Adapter = {
  label: 'rooms by Socket.IO',
  by: 'socketio',
  subscribe: (client) => [['join', { room: 'lobby', name: `client ${client}` }]],
  subscribed: ({ event }) => event === 'joined',
  publish: (text) => ['say', { room: 'lobby', text }],
  read: ({ event, args }) => (event === 'said' ? (args[0] as { readonly text: string }).text : undefined),
};
