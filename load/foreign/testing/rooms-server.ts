import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

/** Rooms by Socket.IO: whoever says something in one is heard by all who joined it. */
export async function startRoomsServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer();
  const io = new Server(server, { serveClient: false });
  io.on('connection', (socket) => {
    socket.on('join', async ({ room }: { room: string }) => {
      await socket.join(room);
      socket.emit('joined', room);
    });
    socket.on('say', ({ room, text }: { room: string; text: string }) => {
      io.to(room).emit('said', { text, at: Date.now() });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: async () => io.close() };
}
