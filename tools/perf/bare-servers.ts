import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import type { TransportId } from '../../servers/registry.ts';

/** The least that can be had of a transport: no log, no bound on what waits, no resume. A door is held against it. */
export interface BareServer {
  readonly port: number;
  send(message: Buffer): void;
}

export const BARE_SERVERS: Readonly<Partial<Record<TransportId, () => Promise<BareServer>>>> = {
  sse: openBareEvents,
  websocket: openBareWebSocket,
  socketio: openBareSocketIo,
};

async function openBareEvents(): Promise<BareServer> {
  const clients = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    clients.add(response);
    response.once('close', () => clients.delete(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let id = 0;
  return {
    port: (server.address() as AddressInfo).port,
    send: (message) => {
      id += 1;
      const event = Buffer.concat([Buffer.from(`id: ${id}\ndata: `), message, Buffer.from('\n\n')]);
      for (const client of clients) client.write(event);
    },
  };
}

async function openBareWebSocket(): Promise<BareServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'json' });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    send: (message) => {
      for (const client of server.clients) client.send(message, { binary: false });
    },
  };
}

/** Without what the library does besides, as its documentation has it for many clients. */
async function openBareSocketIo(): Promise<BareServer> {
  const server = createServer();
  const io = new Server(server, { serveClient: false, httpCompression: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    send: (message) => void io.emit('m', JSON.parse(message.toString())),
  };
}
