import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { parsePs, sampleProcesses } from './processes.ts';

test('a process that works is seen to work, from outside', async () => {
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

test('a process that has gone is missing, not zero', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  expect((await sampleProcesses([child.pid ?? 0])).size).toBe(0);
});

test('reads what ps prints where there is no /proc', () => {
  const samples = parsePs('  123  0:01.50  2048\n45678 1:02:03.25 10\n\n');
  expect(samples.get(123)).toEqual({ cpuNs: 1.5e9, rssBytes: 2 * 1024 * 1024 });
  expect(samples.get(45_678)).toEqual({ cpuNs: 3723.25e9, rssBytes: 10_240 });
});
