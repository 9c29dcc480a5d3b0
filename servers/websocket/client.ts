import { FeedReader } from '../wire/feed-reader.ts';
import { WebSocketConnection } from '../wire/websocket-connection.ts';
import { subprotocolFor } from './subprotocols.ts';
import type { OpenSession } from '../transport.ts';

/** Listens to the feed over a connection that stays: every message is a frame of its own. */
export const openSession: OpenSession = ({ host, port, position, headers, values }, events) => {
  const { frames = 'text', compression } = values;
  const reader = new FeedReader(events, position, frames);
  const connection = new WebSocketConnection(
    {
      host,
      port,
      path: `/ws?since=${position.kind === 'after' ? position.seq : 0}`,
      subprotocol: subprotocolFor(frames),
      deflate: compression === 'deflate',
      headers: headers.upgrade(`${host}:${port}`),
    },
    {
      opened: () => events.opened(),
      message: (bytes, receivedNs, isText) => {
        if (isText === (frames === 'text')) reader.accept(bytes, receivedNs);
        else connection.refuse('frame-kind');
      },
      ended: (end) => events.lost(end),
    },
  );
  return connection;
};
