import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttackedNode, HeldMemory } from './attacked-node-process.ts';
import { request } from './http-attacks.ts';

const PATIENCE_MS = 60_000;
/** The log has a hundred. */
const MESSAGE_BYTES = 15_000;
const ASKED_EACH = 30;
/** Each answer is 1.5 MB. */
const MOST_WAITING_BYTES = 6 * 1024 * 1024;
const ATTACKS = [
  '/messages?since=0&channels=feed&user=slow',
  '/next?since=0&channels=feed&user=slow',
  '/messages?since=',
  '/next?since=',
];

let node: ReturnType<typeof fork>;
let port: number;

beforeAll(async () => {
  const settings = [PATIENCE_MS, PATIENCE_MS, MESSAGE_BYTES].map(String);
  node = fork(new URL('attacked-node-process.ts', import.meta.url), settings);
  [{ port }] = (await once(node, 'message')) as [AttackedNode];
});

afterAll(async () => {
  const exited = once(node, 'exit');
  node.disconnect();
  await exited;
});

async function held(): Promise<HeldMemory> {
  const told = once(node, 'message') as Promise<[HeldMemory]>;
  node.send('memory');
  return (await told)[0];
}

/** Asks and reads nothing; whoever has no name asks for what comes after another number each time. */
async function ask(target: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  const all = Array.from({ length: ASKED_EACH }, (_, index) =>
    request({ target: target.endsWith('=') ? `${target}${index % 3}` : target }),
  );
  await once(socket, 'connect');
  await new Promise((resolve) => {
    socket.write(all.join(''), resolve);
  });
  return socket;
}

/** What was asked before over other connections was read by then, and begun. */
async function caughtUp(): Promise<void> {
  for (let round = 0; round < 3; round++) await (await fetch(`http://127.0.0.1:${port}/health`)).text();
}

async function statusesOn(socket: Socket): Promise<number> {
  let [text, answers] = ['', 0];
  socket.setEncoding('latin1');
  for await (const chunk of socket as AsyncIterable<string>) {
    text += chunk;
    answers += text.split('HTTP/1.1 200 ').length - 1;
    text = text.slice(-12);
    if (answers === ASKED_EACH) return answers;
  }
  return answers;
}

test('answers that nobody reads cost the node one each connection, and of that a piece; all come once they are read', {
  timeout: PATIENCE_MS,
}, async () => {
  const before = await held();
  const sockets = await Promise.all(ATTACKS.flatMap((attack) => [attack, attack]).map(ask));
  await caughtUp();
  const { bufferBytes } = await held();
  expect(bufferBytes - before.bufferBytes).toBeLessThan(MOST_WAITING_BYTES);
  expect(await Promise.all(sockets.slice(0, ATTACKS.length).map(statusesOn))).toEqual(ATTACKS.map(() => ASKED_EACH));
  for (const socket of sockets) socket.destroy();
});
