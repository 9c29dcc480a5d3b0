import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createResultFile } from './result-file.ts';

let out: string;
const at = new Date(2026, 4, 7, 14, 3, 9);
const result = { id: 'anything' };

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-result-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

test('a run has a folder of its own, named by date and scenario', async () => {
  const first = await createResultFile<{ id: string }>({
    out: join(out, 'deep/er'),
    subject: 'ticker',
    at,
    name: 'result.json',
  });
  const second = await createResultFile<{ id: string }>({
    out: join(out, 'deep/er'),
    subject: 'ticker',
    at,
    name: 'result.json',
  });
  expect(first.id).toBe('2026-05-07-140309-ticker');
  expect(second.id).toBe('2026-05-07-140309-ticker-2');
});

test('saving again replaces the whole file and leaves no draft', async () => {
  const file = await createResultFile<{ id: string }>({ out, subject: 'ticker', at, name: 'result.json' });
  await file.save(result);
  await file.save({ ...result, id: 'newer' });
  expect(await readdir(file.folder)).toEqual(['result.json']);
  expect(JSON.parse(await readFile(join(file.folder, 'result.json'), 'utf8'))).toEqual({ id: 'newer' });
});

test('a folder that is none is refused in one line', async () => {
  const path = join(out, 'a-file');
  await writeFile(path, '');
  const refused = createResultFile<{ id: string }>({ out: path, subject: 'ticker', at, name: 'result.json' });
  await expect(refused).rejects.toMatchObject({ code: 'unwritable' });
  await expect(refused).rejects.toThrow(/^cannot write .*a-file .*choose another folder with --out$/);
});

test.each(['/proc/feedbench', '/proc/a/deep/er/one', '/sys/kernel/feedbench', '/dev/null/below'])(
  'a place that takes no folder is refused at once: %s',
  async (path) => {
    const startedMs = performance.now();
    const refused = createResultFile({ out: path, subject: 'ticker', at, name: 'result.json' });
    await expect(refused).rejects.toThrow(/^cannot write .*: choose another folder with --out$/);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  },
);

test('what was put away leaves nothing, but nothing of others is touched', async () => {
  const file = await createResultFile({ out, subject: 'ticker', at, name: 'result.json' });
  await file.save(result);
  await file.discard();
  expect(await readdir(out)).toEqual([]);
  const other = await createResultFile({ out, subject: 'ticker', at, name: 'result.json' });
  await writeFile(join(other.folder, 'notes.txt'), 'mine');
  await other.discard();
  expect(await readdir(other.folder)).toEqual(['notes.txt']);
});
