import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { transportRow } from '../registry.ts';
import { HTTP_DOORS } from '../answering/testing/test-follower.ts';
import { inLanes } from '../testing/lanes.ts';
import { numbers } from '../testing/test-subscriber.ts';
import type { AttackedNode, HeldMemory } from './attacked-node-process.ts';
import { request } from './http-attacks.ts';
import { Line } from './line.ts';

const COMMANDS = 10_000;
const LINES = 50;
const COMMANDS_OF_ONE = 3000;
/** What is written behind many others may take so long to be read. */
const PATIENCE_MS = 60_000;
const MOST_HEAP_BYTES = 4 * 1024 * 1024;

/** What one client says in one go, and then goes. */
function flood(path: string, user: string, count: number): string {
  return numbers(1, count)
    .map((n) => {
      const body = JSON.stringify({ type: 'send', channel: 'room:1', n, data: 'x'.repeat(n % 50) });
      const kept = n === count ? ['Connection: close'] : [];
      const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`, ...kept];
      return request({ method: 'POST', target: `${path}?user=${user}`, headers, body });
    })
    .join('');
}

async function expectAnswered(line: Line, count: number): Promise<void> {
  await line.ends();
  expect(line.statuses).toEqual(Array.from({ length: count }, () => 200));
  expect(line.text).not.toContain('"again"');
}

test('ten thousand commands at once are all done, in their order, and nothing of them stays', {
  timeout: PATIENCE_MS,
}, async () => {
  const node = fork(new URL('attacked-node-process.ts', import.meta.url), [String(PATIENCE_MS)]);
  const [{ port }] = (await once(node, 'message')) as [AttackedNode];
  const held = async (): Promise<HeldMemory> => {
    const told = once(node, 'message') as Promise<[HeldMemory]>;
    node.send('memory');
    return (await told)[0];
  };
  const paths = HTTP_DOORS.map((transport) => transportRow(transport).path);
  const pathOf = (index: number): string => paths[index % paths.length] ?? '/';
  const say = async (index: number, count: number): Promise<void> => {
    await using line = new Line(port);
    line.write(flood(pathOf(index), `u${index}`, count));
    await expectAnswered(line, count);
  };
  await inLanes(LINES, async (index) => say(index, COMMANDS / LINES), LINES);
  const before = await held();
  await say(LINES, COMMANDS_OF_ONE);
  expect((await held()).heapBytes - before.heapBytes).toBeLessThan(MOST_HEAP_BYTES);
  const exited = once(node, 'exit');
  node.disconnect();
  await exited;
});
