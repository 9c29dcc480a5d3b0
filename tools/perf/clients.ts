import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { encodeBody, encodeMessage } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import type { Tell, Turn } from './comparison.ts';

interface ReaderReport {
  readonly messages: number;
  readonly cpuUs: number;
}

const SOCKETS = 50;
const BROADCASTS = 1500;
const TURNS = 3;
const payload = { kind: 'stock-prices', bytes: 200 } as const;
const message = encodeMessage(123_456, encodeBody(5e15, 5e15 + 4e4, payloadData(payload, 1, 0)));

/** Messages a CPU-second that a process of clients takes from one `ws` server: the subject is the client alone. */
async function messagesPerCpuSecond(client: 'native' | 'ws'): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  const reader = fork(new URL('perf-reader-process.ts', import.meta.url), [
    client,
    String(address.port),
    String(SOCKETS),
  ]);
  const report = once(reader, 'message') as Promise<[ReaderReport]>;
  while (server.clients.size < SOCKETS) await setImmediate();
  for (let round = 0; round < BROADCASTS; round++) {
    for (const socket of server.clients) socket.send(message, { binary: false });
    // Apart from each other, so that a read finds one message, as in a feed.
    await setTimeout(2);
  }
  for (const socket of server.clients) socket.close();
  const [{ messages, cpuUs }] = await report;
  server.close();
  if (messages !== SOCKETS * BROADCASTS) throw new Error(`${client} read ${messages} of ${SOCKETS * BROADCASTS}`);
  return messages / (cpuUs / 1e6);
}

/** Our WebSocket client against the one of the ws library, each in a process of its own. */
export async function measure(tell: Tell): Promise<void> {
  const turns: Turn[] = [];
  for (let turn = 0; turn < TURNS; turn++)
    turns.push({ ours: await messagesPerCpuSecond('native'), theirs: await messagesPerCpuSecond('ws') });
  const question = `messages that a WebSocket client takes, ${SOCKETS} sockets`;
  tell({ question, unit: 'a CPU-second', ours: 'native', theirs: 'ws', turns });
}
