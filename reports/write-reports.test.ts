import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, truncate, writeFile } from 'node:fs/promises';
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
  expect((await readdir(join(out, 'run'))).toSorted()).toEqual([
    '.index-entry.json',
    'index.html',
    'result.json',
    'summary.csv',
  ]);
  expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>/i);
});

test('a report leads to the newest page of claims beside it, and that of a run for claims to its own', async () => {
  for (const folder of ['2026-05-01-100000-claims', '2026-05-02-100000-claims', 'old-claims/runs/feed']) {
    mkdirSync(join(out, folder), { recursive: true });
    for (const name of ['claims.json', 'index.html'])
      if (!folder.endsWith('feed')) writeFileSync(join(out, folder, name), '{}');
  }
  for (const name of ['claims.json', 'index.html']) writeFileSync(join(out, 'old-claims', name), '{}');
  await saveRun('run');
  rmSync(join(out, 'old-claims', 'claims.json'));
  const page = writeReports(join(out, 'run'), sampleResult());
  expect(await readFile(page, 'utf8')).toContain(
    '<a href="../2026-05-02-100000-claims/index.html">the page of claims</a>',
  );
  writeFileSync(join(out, 'old-claims', 'claims.json'), '{}');
  const own = writeReports(join(out, 'old-claims/runs/feed'), sampleResult());
  expect(await readFile(own, 'utf8')).toContain('<a href="../../index.html">the page of claims</a>');
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

test('a run without a trial is not the latest, and says so', async () => {
  await saveRun('a-run', { startedAt: '2026-01-01T00:00:00Z' });
  await saveRun('b-empty', { startedAt: '2026-02-01T00:00:00Z', trials: [] });
  writeRunIndex(out);
  expect(await readlink(join(out, 'latest'))).toBe('a-run');
  expect(await readFile(join(out, 'index.html'), 'utf8')).toMatch(/b-empty.*no trial yet/s);
});

test('a `latest` that a copy has made a folder stays, is no run, and stands in nobody’s way', async () => {
  await saveRun('a-run', { startedAt: '2026-01-01T00:00:00Z' });
  await saveRun('latest', { startedAt: '2026-01-01T00:00:00Z' });
  const { unlinked } = writeRunIndex(out);
  expect(unlinked).toMatch(/^\S+latest does not point to this run \(EISDIR.*\): .*the report is in a-run$/);
  expect(await readFile(join(out, 'index.html'), 'utf8')).not.toContain('latest/index.html');
  expect((await readdir(out)).toSorted()).toEqual(['a-run', 'index.html', 'latest']);
  await rm(join(out, 'latest'), { recursive: true });
  expect(writeRunIndex(out).unlinked).toBeUndefined();
});

test('what is no result is refused in one line and at once, whatever it is', async () => {
  const pipe = join(out, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const text = join(out, 'notes.txt');
  await writeFile(text, 'two\nlines');
  const huge = join(out, 'huge.json');
  await writeFile(huge, '');
  await truncate(huge, 2 ** 40);
  const failures = [pipe, '/dev/zero', out, text, huge].map((path) => failureOf(() => readResult(path)));
  expect(failures.map(({ code }) => code)).toEqual(Array.from(failures, () => 'unreadable'));
  for (const { message } of failures) {
    expect(message).not.toContain('\n');
    expect(message).toMatch(/: name a result\.json of a run$/);
  }
});

test('a disk that fills up still has the small file', (context) => {
  const script = `mount -t tmpfs -o size=192k none "$0" && "$1" "$2" "$0"; ls -A "$0"`;
  const program = `
import { writeReports } from ${JSON.stringify(join(import.meta.dirname, 'write-reports.ts'))};
import { sampleResult } from ${JSON.stringify(join(import.meta.dirname, 'testing', 'sample-result.ts'))};
try { writeReports(process.argv[2], sampleResult()); } catch (error) { console.log(error.code); }`;
  const file = join(out, 'program.ts');
  writeFileSync(file, program);
  const disk = join(out, 'disk');
  mkdirSync(disk);
  const { status, stdout, stderr } = spawnSync('unshare', ['-Urm', 'sh', '-c', script, disk, process.execPath, file], {
    encoding: 'utf8',
  });
  context.skip(status !== 0, `no tmpfs can be mounted here: ${stderr}`);
  expect(stdout.trim().split('\n')).toEqual(['disk-full', 'summary.csv']);
});

test.each(['AAAA', 'HISTFAAAAB'])('a histogram that is no histogram (%s) is one line that says which', (encoded) => {
  const [trial, ...trials] = sampleResult().trials;
  if (trial?.state !== 'measured') throw new TypeError('the sample has a trial');
  const staleness = { count: 1, sumNs: 1, minNs: 1, maxNs: 1, encoded };
  const broken = { ...trial, histograms: { ...trial.histograms, staleness } };
  const act = (): unknown => buildReport(sampleResult({ trials: [broken, ...trials] }));
  expect(act).toThrow(/^the histogram "staleness" of the \S+ trial of \S+ cannot be read \(.+\): .+ run the scenario/);
  expect(act).toThrow(expect.objectContaining({ code: 'unreadable' }));
});
