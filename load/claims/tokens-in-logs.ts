import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { WebSocket, WebSocketServer } from 'ws';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import type { ProbeContext } from './probe.ts';

const REQUESTS = 5;

/**
 * A server that logs its requests as Fastify does where it is told nothing but to log: which lines show the token of a URL, and which
 * one that a client says first on its WebSocket.
 */
export async function measureTokensInLogs({ cleanup }: Pick<ProbeContext, 'cleanup'>): Promise<FiguresOf<'logs'>> {
  const lines: string[] = [];
  const app = fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
  cleanup.defer(async () => app.close());
  app.get('/messages', async () => []);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const sockets = new WebSocketServer({ server: app.server });
  cleanup.defer(() => sockets.close());
  for (let number = 0; number < REQUESTS; number++) {
    await (await fetch(`http://127.0.0.1:${port}/messages?token=${urlToken(number)}`)).text();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    cleanup.defer(() => socket.terminate());
    const [[accepted]] = (await Promise.all([once(sockets, 'connection'), once(socket, 'open')])) as [
      [WebSocket],
      unknown,
    ];
    socket.send(JSON.stringify({ type: 'auth', token: firstToken(number) }));
    await once(accepted, 'message');
  }
  const shareOf = (tokenOf: (number: number) => string): number[] =>
    Array.from({ length: REQUESTS }, (_, number) => (lines.some((line) => line.includes(tokenOf(number))) ? 1 : 0));
  return { urlTokens: shareOf(urlToken), messageTokens: shareOf(firstToken) };
}

function urlToken(number: number): string {
  return `url-token-${number}-of-the-probe`;
}

function firstToken(number: number): string {
  return `first-token-${number}-of-the-probe`;
}
