import { FeedReader } from '../wire/feed-reader.ts';
import { WebSocketConnection } from '../wire/websocket-connection.ts';
import type { OpenSession } from '../transport.ts';

/** Listens to the feed over a connection that stays: every message is a frame of its own. */
export const openSession: OpenSession = ({ host, port, position, headers }, events) => {
  const reader = new FeedReader(events, position);
  return new WebSocketConnection(
    {
      host,
      port,
      path: `/ws?since=${position.kind === 'after' ? position.seq : 0}`,
      subprotocol: 'json',
      headers: headers.upgrade(`${host}:${port}`),
    },
    {
      opened: () => events.opened(),
      message: (bytes, receivedNs) => reader.accept(bytes, receivedNs),
      ended: (end) => events.lost(end),
    },
  );
};
