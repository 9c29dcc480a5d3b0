import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Failure } from '../scenarios/failures.ts';
import type { MeasuredTrial, Result } from '../scenarios/result/result.ts';
import { writeFailure } from './output.ts';
import { renderPage } from './page.ts';
import { readResult } from './read-result.ts';
import { buildReport } from './report/report.ts';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';
import { writeReports, writeRunIndex } from './write-reports.ts';

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-reports-'));
});

afterEach(async () => rm(out, { recursive: true, force: true }));

async function saveRun(folder: string, overrides: Partial<Result> = {}): Promise<string> {
  const path = join(out, folder, 'result.json');
  await mkdir(join(out, folder), { recursive: true });
  await writeFile(path, JSON.stringify(sampleResult(overrides)));
  return path;
}

function failureOf(act: () => unknown): Pick<Failure, 'code' | 'message'> {
  try {
    act();
  } catch (error) {
    return error as Failure;
  }
  throw new Error('it went well');
}

test('a result that was saved can be read, and its reports lie beside it', async () => {
  const path = await saveRun('run');
  const page = writeReports(join(out, 'run'), readResult(path));
  expect(page).toBe(join(out, 'run', 'index.html'));
  expect((await readdir(join(out, 'run'))).toSorted()).toEqual(['index.html', 'result.json', 'summary.csv']);
  expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>/i);
});

test('reports of the same result are the same, byte by byte', async () => {
  await saveRun('run');
  const page = writeReports(join(out, 'run'), sampleResult());
  const first = await readFile(page, 'utf8');
  writeReports(join(out, 'run'), sampleResult());
  expect(await readFile(page, 'utf8')).toBe(first);
});

test('what cannot be read says so in one line', async () => {
  const missing = failureOf(() => readResult(join(out, 'nowhere.json')));
  await writeFile(join(out, 'broken.json'), '{');
  const broken = failureOf(() => readResult(join(out, 'broken.json')));
  await writeFile(join(out, 'other.json'), '{"schema":"feedbench.result/99"}');
  const other = failureOf(() => readResult(join(out, 'other.json')));
  for (const failure of [missing, broken, other]) {
    expect(failure.code).toBe('unreadable');
    expect(failure.message).not.toContain('\n');
  }
  expect(other.message).toContain('feedbench.result/99');
});

test('the index lists runs with the newest first, unreadable ones with their reason, and points to the newest', async () => {
  await saveRun('b-old', { startedAt: '2026-01-01T00:00:00Z' });
  await saveRun('a-new', { startedAt: '2026-02-01T00:00:00Z' });
  await mkdir(join(out, 'c-empty'));
  await mkdir(join(out, 'd-broken'));
  await writeFile(join(out, 'd-broken', 'result.json'), '{');
  writeRunIndex(out);
  const page = await readFile(join(out, 'index.html'), 'utf8');
  const places = ['a-new/index.html', 'b-old/index.html', 'c-empty', 'd-broken'].map((name) => page.indexOf(name));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(page).toContain('no result.json yet');
  expect(page).toContain('is not JSON');
  expect(await readlink(join(out, 'latest'))).toBe('a-new');

  await saveRun('e-newest', { startedAt: '2026-03-01T00:00:00Z' });
  writeRunIndex(out);
  expect(await readlink(join(out, 'latest'))).toBe('e-newest');
  expect((await readdir(out)).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('a folder without runs has an index without runs', async () => {
  writeRunIndex(out);
  expect((await readdir(out)).toSorted()).toEqual(['index.html']);
});

test('where nothing can be written, one line says what to do', async () => {
  await writeFile(join(out, 'file'), '');
  const notFolder = failureOf(() => writeReports(join(out, 'file'), sampleResult()));
  expect(notFolder.code).toBe('unwritable');
  expect(notFolder.message).toMatch(/^cannot write .*choose another/);
  expect(failureOf(() => writeRunIndex(join(out, 'file'))).code).toBe('unwritable');
});

test.each([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EACCES', 'unwritable'],
  ['EROFS', 'unwritable'],
  ['ENOTDIR', 'unwritable'],
])('%s is the failure %s', (code, failure) => {
  const error = Object.assign(new Error(`${code}: no`), { code });
  expect(writeFailure('/a/path', error)).toMatchObject({ code: failure, cause: error });
});

test('a fault of ours stays what it is', () => {
  const fault = new TypeError('undefined is not a function');
  expect(writeFailure('/a/path', fault)).toBe(fault);
});

test('the page says once how sessions ended, and lets nobody write into it', () => {
  const trial = {
    ...websocketTrial(),
    sessionEnds: [
      { end: { code: 'websocket-close', closeCode: 1008, text: '<b>too slow</b>\u001b[2J' }, count: 12 },
      { end: { code: 'connection-closed' }, count: 1 },
    ],
  } satisfies MeasuredTrial;
  const page = renderPage(buildReport(sampleResult({ trials: [trial] })));
  expect(page.split('12 sessions ended: the server closed with 1008 (')).toHaveLength(2);
  expect(page).toContain('(&lt;b&gt;too slow&lt;/b&gt;\\u001b[2J)');
  expect(page).toContain('a session ended: the server closed the connection');
});
