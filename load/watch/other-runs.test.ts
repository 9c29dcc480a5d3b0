import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isProgram, otherRuns, parseParent } from './other-runs.ts';
import { needs } from '../../scenarios/testing/conditions.ts';

test('knows our programs by their place, in whatever copy of the tree', () => {
  expect(isProgram('/opt/node\0--flag\0/home/a/feedbench/load/fleet/publisher-process.ts\0')).toBe(true);
  expect(isProgram('node\0servers/node/node-process.ts\0{"transport":"polling"}\0')).toBe(true);
  expect(isProgram('vi\0notes-on-worker-process.ts\0')).toBe(false);
  expect(isProgram('node\0/srv/app/load/queue/mail-process.js\0')).toBe(false);
});

test('reads the parent behind a name that looks like the rest', () => {
  expect(parseParent('4711 (node) S 1 (x) R 42 4711 4711 0 -1')).toBe(42);
});

test(
  'names who started a program of ours, and leaves ourselves out',
  needs(process.platform === 'linux', 'only Linux has /proc'),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'feedbench-other-'));
    await mkdir(join(folder, 'load/fleet'), { recursive: true });
    const program = join(folder, 'load/fleet/publisher-process.ts');
    await writeFile(program, 'console.log("there"); setInterval(() => undefined, 1000);');
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      expect(otherRuns(1)).toContain(process.pid);
      expect(otherRuns()).not.toContain(process.pid);
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true });
    }
  },
);
