import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ServerIdentity } from '../../../scenarios/tls/authority.ts';
import type { Breakage } from './breakage.ts';

interface Heard {
  readonly type: string;
  readonly text: string;
}

const AS_IT_IS: Breakage = (text, tell) => tell(text);

/**
 * The chat of a guide to WebSockets, as somebody would write it who has never heard of feedbench: whoever says `chat_message` is
 * heard by all, the sender among them. With a `breakage` it is broken on purpose; with an
 * `identity` it speaks TLS.
 */
export async function startChatServer(
  breakage: Breakage = AS_IT_IS,
  identity?: ServerIdentity,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server =
    identity === undefined ? createServer() : createSecureServer({ cert: identity.certificate, key: identity.key });
  const wss = new WebSocketServer({ server });
  const clients = new Map<string, WebSocket>();
  const broadcast = (message: object): void => {
    const data = JSON.stringify(message);
    for (const client of wss.clients) if (client.readyState === client.OPEN) client.send(data);
  };
  let users = 0;
  wss.on('connection', (ws) => {
    users += 1;
    const userId = `user ${users}`;
    clients.set(userId, ws);
    ws.send(JSON.stringify({ type: 'welcome', payload: { userId, onlineUsers: clients.size } }));
    ws.on('message', (data: RawData) => {
      const message = JSON.parse((data as Buffer).toString()) as Heard;
      if (message.type !== 'chat_message') return;
      breakage(message.text, (text) =>
        broadcast({ type: 'chat_message', payload: { userId, text, timestamp: Date.now() } }),
      );
    });
    ws.on('close', () => {
      clients.delete(userId);
      broadcast({ type: 'user_left', payload: { userId, onlineUsers: clients.size } });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      for (const client of wss.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
