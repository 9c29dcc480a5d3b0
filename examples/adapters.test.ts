import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAdapter } from '../load/foreign/adapter-file.ts';
import { breakageOf, type FaultPlan } from '../load/foreign/testing/breakage.ts';
import { startChatServer } from '../load/foreign/testing/chat-server.ts';
import { startRoomsServer } from '../load/foreign/testing/rooms-server.ts';
import { knowServer } from '../load/foreign/foreign-server.ts';
import { rehearseApart } from '../load/foreign/apart/ask-adapter.ts';

const FOLDER = join(import.meta.dirname, 'adapters');
const MOST_LINES = 40;

function example(name: string): string {
  return join(FOLDER, `${name}.ts`);
}

/** As a run does it. */
async function rehearsed(url: string, name: string): Promise<void> {
  const { server } = await knowServer(url, example(name));
  return rehearseApart(server);
}

test.each(readdirSync(FOLDER))('%s is an adapter, and short', async (name) => {
  const path = join(FOLDER, name);
  expect(readFileSync(path, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
  expect((await loadAdapter(path)).label).not.toBe('');
});

test('the chat of a guide passes on what it is given', async () => {
  await using server = await startChatServer();
  await expect(rehearsed(server.url, 'chat')).resolves.toBeUndefined();
});

test('so does a room of Socket.IO, to those who have joined it', async () => {
  await using server = await startRoomsServer();
  await expect(rehearsed(server.url, 'socketio')).resolves.toBeUndefined();
});

test('an adapter of another server is told so, with what came', async () => {
  await using server = await startRoomsServer();
  await expect(rehearsed(server.url, 'chat')).rejects.toMatchObject({ code: 'target-unreachable' });
});

const NOTHING: FaultPlan = { dropped: [], repeated: [], swapped: [], damaged: [] };

test('what a broken server does is as its plan has it', () => {
  const told: string[] = [];
  const broken = breakageOf({ ...NOTHING, dropped: [2], repeated: [3], swapped: [4] });
  for (const seq of [1, 2, 3, 4, 5]) broken(`{"seq":${seq},`, (text) => told.push(text));
  expect(told.map((text) => /\d/.exec(text)?.[0])).toEqual(['1', '3', '3', '5', '4']);
});

test('what is late holds back those behind it, in their order', async () => {
  const told: string[] = [];
  const over = Promise.withResolvers<number>();
  const broken = breakageOf({ ...NOTHING, late: { seq: 2, ms: 30 } });
  const beganMs = performance.now();
  for (const seq of [1, 2, 3])
    broken(`{"seq":${seq},`, (text) => {
      told.push(/\d/.exec(text)?.[0] ?? '');
      if (seq === 3) over.resolve(performance.now() - beganMs);
    });
  expect(told).toEqual(['1']);
  expect(await over.promise).toBeGreaterThanOrEqual(30);
  expect(told).toEqual(['1', '2', '3']);
});
