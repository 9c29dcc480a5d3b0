import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { descendantsOf, sampleFamilies } from './families.ts';
import { sampleProcesses } from './processes.ts';

test('descendants are children, and theirs', () => {
  const children = new Map([
    [1, [2, 3]],
    [3, [4]],
    [5, [6]],
  ]);
  expect(descendantsOf(1, children)).toEqual([2, 3, 4]);
  expect(descendantsOf(2, children)).toEqual([]);
});

/** Works for 50 ms of CPU time, says so, and stays as long as it is read from. */
const WORKER = `const end = process.cpuUsage().user + 5e4;
while (process.cpuUsage().user < end);
console.log('done');
process.stdin.resume();`;

test('what a grandchild uses is of the process that stands for all', async () => {
  const middle = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(WORKER)}], { stdio: 'inherit' })`;
  const family = spawn('sh', ['-c', `"$0" -e "$1"; exit`, process.execPath, middle]);
  const ended = once(family, 'close');
  try {
    await once(family.stdout, 'data');
    const pid = family.pid ?? 0;
    const alone = (await sampleProcesses([pid])).get(pid);
    const all = (await sampleFamilies([pid])).get(pid);
    expect(alone?.cpuNs).toBeLessThan(50 * NS_PER_MS);
    expect(all?.cpuNs).toBeGreaterThan(50 * NS_PER_MS);
    expect(all?.rssBytes).toBeGreaterThan((alone?.rssBytes ?? Number.NaN) + 2 * LEAST_NODE_BYTES);
  } finally {
    family.stdin.end();
    await ended;
  }
});

/** Of its own, without its program. */
const LEAST_NODE_BYTES = 5e6;
