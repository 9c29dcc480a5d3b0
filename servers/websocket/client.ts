import { FeedReader } from '../wire/feed-reader.ts';
import { WebSocketConnection } from '../wire/websocket-connection.ts';
import { subprotocolFor } from './subprotocols.ts';
import { Talk } from './talk.ts';
import type { OpenSession } from '../transport.ts';

/** Listens to the feed over a connection that stays, and talks over it: every message is a frame of its own. */
export const openSession: OpenSession = (options, events) => {
  const { host, port, authority, handshakes, position, headers, values, member } = options;
  const { frames = 'text', compression, auth } = values;
  const talk = new Talk({ member, auth }, events);
  const reader = new FeedReader(talk.heard, position, frames);
  const connection = new WebSocketConnection(
    {
      host,
      port,
      authority,
      handshakes,
      path: `/ws?since=${position.kind === 'after' ? position.seq : 0}${talk.request.query}`,
      subprotocol: subprotocolFor(frames),
      deflate: compression === 'deflate',
      headers: talk.request.headers(headers.upgrade(`${host}:${port}`)),
    },
    {
      opened: () => talk.begin((text) => connection.send(text, frames)),
      message: (bytes, receivedNs, isText) => {
        if (isText === (frames === 'text')) reader.accept(bytes, receivedNs);
        else connection.refuse('frame-kind');
      },
      ended: (end) => events.lost(end),
    },
  );
  return {
    get bytesRead() {
      return connection.bytesRead;
    },
    get bytesWritten() {
      return connection.bytesWritten;
    },
    say: (command, answered) => connection.send(talk.command(command, answered), frames),
    close: () => connection.close(),
  };
};
