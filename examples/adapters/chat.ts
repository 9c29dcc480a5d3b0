import type { Adapter } from 'feedbench/adapter';

interface Said {
  readonly type: string;
  readonly payload: { readonly text: string };
}

/** A chat by `ws` that tells all its clients what one of them says: feedbench says its feed there, as one more user. */
export const adapter: Adapter = {
  label: 'chat by ws',
  by: 'websocket',
  publish: (text) => JSON.stringify({ type: 'chat_message', text }),
  // Its welcome, and who left, are no part of the feed.
  read: ({ text }) => {
    const { type, payload } = JSON.parse(text) as Said;
    return type === 'chat_message' ? payload.text : undefined;
  },
};
