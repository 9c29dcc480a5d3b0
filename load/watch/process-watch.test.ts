import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { ProcessWatch } from './process-watch.ts';

/** Works for 0.2 s of its own CPU time at each line that it reads, and answers. */
const WORKER = `process.stdin.on('data', () => {
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 200_000);
  console.log('done');
}); console.log('ready');`;

test('what a process used is found in the bin in which it used it', async () => {
  const child = spawn(process.execPath, ['-e', WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  try {
    await once(child.stdout, 'data');
    const watch = new ProcessWatch([{ role: 'worker', name: 'worker 1', pid, cores: [] }]);
    await watch.beginRamp();
    await watch.read();
    const edges = [monotonicNs()];
    await watch.endBin(0);
    child.stdin.write('work\n');
    await once(child.stdout, 'data');
    await watch.endBin(1);
    edges.push(monotonicNs());
    const originNs = edges[0] ?? 0;
    const { cpuNsPerBin, rssBytesPerBin, rssBytesBeforeRamp } = watch.useOf(pid, {
      originNs,
      binNs: (edges[1] ?? 0) - originNs,
      count: 2,
    });
    expect(cpuNsPerBin[0]).toBeGreaterThan(0.18e9);
    expect(cpuNsPerBin[1]).toBe(0);
    expect(await watch.cpuNsOfRamp(['worker'])).toBeGreaterThan(0.18e9);
    expect(await watch.cpuNsOfRamp(['node'])).toBe(0);
    expect(Math.min(rssBytesBeforeRamp, ...rssBytesPerBin)).toBeGreaterThan(10e6);
  } finally {
    child.kill('SIGKILL');
  }
});

test('of a process that was never seen nothing is known, which is not 0', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'close');
  const pid = gone.pid ?? 0;
  const watch = new ProcessWatch([{ role: 'node', name: 'node 1', pid, cores: [0] }]);
  await watch.read();
  await watch.endBin(0);
  expect(watch.useOf(pid, { originNs: 0, binNs: 1e9, count: 1 })).toMatchObject({
    cpuNsPerBin: [],
    waitNsPerBin: null,
    rssBytesPerBin: [],
  });
});

test('a process in the place of another is seen from its start, and the other is gone', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'close');
  const watch = new ProcessWatch([{ role: 'node', name: 'node 1', pid: gone.pid ?? 0, cores: [] }]);
  const originNs = monotonicNs();
  await watch.endBin(0);
  watch.add({ role: 'node', name: 'node 1', pid: process.pid, cores: [] });
  await watch.endBin(1);
  const bins = { originNs, binNs: monotonicNs() - originNs + 1e6, count: 2 };
  expect(watch.processes.map(({ pid }) => pid)).toEqual([gone.pid, process.pid]);
  const { cpuNsPerBin, rssBytesPerBin } = watch.useOf(process.pid, bins);
  expect(cpuNsPerBin[0]).toBeGreaterThan(0);
  expect(rssBytesPerBin).toEqual([0, expect.any(Number)]);
  expect(rssBytesPerBin[1]).toBeGreaterThan(10e6);
});
