import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openScratch } from './scratch.ts';

let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'fb-scratch-'));
  vi.stubEnv('TMPDIR', place);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(place, { recursive: true });
});

async function listens(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

test('a scratch folder is gone with what it was made for', async () => {
  const cleanup = new AsyncDisposableStack();
  const scratch = await openScratch(cleanup);
  expect(dirname(scratch)).toBe(place);
  await listens(join(scratch, 'ingest'));
  await cleanup.disposeAsync();
  expect(readdirSync(place)).toEqual([]);
});

test('what a killed run has left is cleared away by the next, and nothing else', async () => {
  const program = `import { openScratch } from ${JSON.stringify(join(import.meta.dirname, 'scratch.ts'))};
console.log(await openScratch(new AsyncDisposableStack()));
process.kill(process.pid, 'SIGKILL');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program], {
    encoding: 'utf8',
  });
  const left = stdout.trim();
  expect(existsSync(left)).toBe(true);
  await using cleanup = new AsyncDisposableStack();
  // Of a run that goes on, of another namespace, of a run without /proc, of somebody else.
  const first = basename(await openScratch(cleanup));
  const foreign = first.replace(/feedbench-\d+/, 'feedbench-7');
  const others = [foreign, 'feedbench-AbCdEf', 'feedbench-reports-x'];
  for (const name of others) mkdirSync(join(place, name));
  const second = basename(await openScratch(cleanup));
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(place).toSorted()).toEqual([...others, first, second].toSorted());
});

test('a process that has the number of a dead one does not keep its folder', async () => {
  await using cleanup = new AsyncDisposableStack();
  const own = basename(await openScratch(cleanup));
  const earlier = own.replace(/-(\d+)-\w+$/, '-1-AbCdEf');
  mkdirSync(join(place, earlier));
  await openScratch(cleanup);
  expect(readdirSync(place)).not.toContain(earlier);
});

test.each([60, 100, 200])('a TMPDIR %d bytes deeper still has room for a socket', async (depth) => {
  const deep = join(place, 'ä'.repeat(depth / 2));
  mkdirSync(deep);
  vi.stubEnv('TMPDIR', deep);
  await using cleanup = new AsyncDisposableStack();
  const scratch = await openScratch(cleanup);
  await expect(listens(join(scratch, 'ingest'))).resolves.toBeUndefined();
});

test('a place that takes no folder is told of in one line', async () => {
  vi.stubEnv('TMPDIR', '/proc');
  await using cleanup = new AsyncDisposableStack();
  await expect(openScratch(cleanup)).rejects.toThrow(/^no folder can be made in \/proc .*set TMPDIR to another one$/);
});
