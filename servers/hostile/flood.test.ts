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
const MOST_HEAP_BYTES = 4 * 1024 * 1024;

/** What one client says in one go. */
function flood(path: string, user: string, count: number): string {
  return numbers(1, count)
    .map((n) => {
      const body = JSON.stringify({ type: 'send', channel: 'room:1', n, data: 'x'.repeat(n % 50) });
      const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`];
      return request({ method: 'POST', target: `${path}?user=${user}`, headers, body });
    })
    .join('');
}

async function expectAnswered(line: Line, count: number): Promise<void> {
  await line.sees(`answered ${count} times`, ({ statuses }) => statuses.length === count);
  expect(new Set(line.statuses)).toEqual(new Set([200]));
  expect(line.text).not.toContain('"again"');
}

test('ten thousand commands at once are all done, in their order, and nothing of them stays', {
  timeout: 60_000,
}, async () => {
  const node = fork(new URL('attacked-node-process.ts', import.meta.url));
  const [{ port }] = (await once(node, 'message')) as [AttackedNode];
  const held = async (): Promise<HeldMemory> => {
    const told = once(node, 'message') as Promise<[HeldMemory]>;
    node.send('memory');
    return (await told)[0];
  };
  for (const [turn, transport] of HTTP_DOORS.entries()) {
    const { path } = transportRow(transport);
    await inLanes(
      LINES,
      async (index) => {
        await using line = new Line(port);
        line.write(flood(path, `u${turn}-${index}`, COMMANDS / LINES));
        await expectAnswered(line, COMMANDS / LINES);
      },
      LINES,
    );
    const before = await held();
    await using line = new Line(port);
    line.write(flood(path, `alone${turn}`, COMMANDS));
    await expectAnswered(line, COMMANDS);
    expect((await held()).heapBytes - before.heapBytes).toBeLessThan(MOST_HEAP_BYTES);
  }
  const exited = once(node, 'exit');
  node.disconnect();
  await exited;
});
