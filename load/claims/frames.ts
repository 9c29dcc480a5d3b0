import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import type { ProbeContext } from './probe.ts';

/** Both sides of each limit of the length field (RFC 6455, section 5.2). */
const MESSAGE_BYTES = [1, 125, 126, 65_535, 65_536, 70_000];

/** What the ws library puts in front of a message, either way, counted at the server's socket. */
export async function measureFrames({ cleanup }: Pick<ProbeContext, 'cleanup'>): Promise<FiguresOf<'frames'>> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  cleanup.defer(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  cleanup.defer(() => client.terminate());
  const [[accepted, { socket }]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [
    [WebSocket, { readonly socket: Socket }],
    unknown,
  ];
  const serverBytes: number[] = [];
  const clientBytes: number[] = [];
  for (const bytes of MESSAGE_BYTES) {
    const message = Buffer.alloc(bytes, 'x');
    const before = { read: socket.bytesRead, written: socket.bytesWritten };
    accepted.send(message);
    await once(client, 'message');
    serverBytes.push(socket.bytesWritten - before.written - bytes);
    client.send(message);
    await once(accepted, 'message');
    clientBytes.push(socket.bytesRead - before.read - bytes);
  }
  return { serverBytes, clientBytes };
}
