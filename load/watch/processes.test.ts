import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { parsePs, parseSchedstat, parseStatTimes, sampleByPs, sampleProcesses } from './processes.ts';
import { needs, REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { findProgram } from '../machine/programs.ts';

test('a process that works is seen to work, from outside', REAL_TIME, async () => {
  const program = 'while (process.cpuUsage().user < 300_000); console.log("done"); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const sample = (await sampleProcesses([child.pid ?? 0])).get(child.pid ?? 0);
    expect(sample?.cpuNs).toBeGreaterThan(0.2e9);
    expect(sample?.cpuNs).toBeLessThan(20e9);
    expect(sample?.rssBytes).toBeGreaterThan(10e6);
  } finally {
    child.kill('SIGKILL');
  }
});

test(
  'what a process waits for a core is seen too',
  needs(process.platform === 'linux', 'only Linux has /proc'),
  async () => {
    const waitNs = (await sampleProcesses([process.pid])).get(process.pid)?.waitNs;
    expect(waitNs).toBeGreaterThan(0);
  },
);

test('a process that has gone is missing, not zero', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  expect((await sampleProcesses([child.pid ?? 0])).size).toBe(0);
});

test('a process that has ended is missing before its parent takes notice', async () => {
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    await expect.poll(async () => (await sampleProcesses([Number(text.toString())])).size).toBe(0);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('reads what ps prints where there is no /proc', () => {
  const samples = parsePs('  123  0:01.50  2048\n45678 1:02:03.25 10\n\n');
  expect(samples.get(123)).toEqual({
    cpuNs: 1.5e9,
    waitNs: null,
    rssBytes: 2 * 1024 * 1024,
    ownBytes: 2 * 1024 * 1024,
  });
  expect(samples.get(45_678)).toEqual({ cpuNs: 3723.25e9, waitNs: null, rssBytes: 10_240, ownBytes: 10_240 });
});

test('reads what a thread had of its core, and how long it waited for one', () => {
  expect(parseSchedstat('1534237 6126991 2\n')).toEqual({ cpuNs: 1_534_237, waitNs: 6_126_991 });
  expect(parseSchedstat('0 31 0\n')).toEqual({ cpuNs: 0, waitNs: 31 });
});

test('three zeros are an account that is not kept, not 0', () => {
  expect(parseSchedstat('0 0 0\n')).toBeUndefined();
});

test('where the scheduler keeps no account there are ticks, and nothing of waiting', () => {
  const stat =
    '4711 (a (b) c) S 1 4711 4711 0 -1 4194560 2403 0 12 0 150 25 3 4 20 0 11 0 885 1118220288 11482 18446744073709551615';
  expect(parseStatTimes(stat)).toEqual({ cpuNs: 1.75e9, waitNs: null });
});

test('ps tells of the processes that are there', needs(findProgram('ps') !== undefined, 'there is no ps'), async () => {
  const samples = await sampleByPs([process.pid, process.ppid]);
  expect([...samples.keys()].toSorted((a, b) => a - b)).toEqual([process.pid, process.ppid].toSorted((a, b) => a - b));
  const { cpuNs = 0, rssBytes = 0 } = samples.get(process.pid) ?? {};
  // It counts whole seconds on Linux.
  expect(Math.abs(cpuNs - process.cpuUsage().user * 1e3 - process.cpuUsage().system * 1e3)).toBeLessThan(2e9);
  expect(rssBytes).toBeGreaterThan(10e6);
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  expect((await sampleByPs([child.pid ?? 0])).size).toBe(0);
});
