import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILURES } from '../scenarios/failures.ts';
import { parseClaims } from '../scenarios/result/claims.ts';
import { type FeedbenchExit, runFeedbench, startFeedbench } from './testing/feedbench-process.ts';

let out: string;
let folder: string;
let exit: FeedbenchExit;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-claims-'));
  const program = startFeedbench(['claims', '--out', out]);
  // By then what costs no second has been measured.
  await program.printed(/measuring clients that stand still/);
  program.signal('SIGINT');
  exit = await program.exited;
  folder = join(out, (await readdir(out)).find((name) => name.endsWith('-claims')) ?? 'none');
}, 120_000);

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

test('says how long it takes, and ends with what it has', () => {
  expect(exit.code).toBe(FAILURES.interrupted.exitCode);
  expect(exit.stdout).toMatch(/^\d+ probes and \d+ runs of trials, about \d/);
  expect(exit.stdout).toMatch(/"2-14 bytes per frame": holds\n {6}2 to 10 B from a server/);
  expect(exit.stdout).toMatch(
    /"Zero wasted requests": not decided\n {6}not measured: stopped before its turn; run again/,
  );
  expect(exit.stdout).toMatch(/Of \d+ claims \d+ hold as they are said/);
});

test('keeps its figures, has a page, is listed, and can be rebuilt', async () => {
  const claims = parseClaims(JSON.parse(await readFile(join(folder, 'claims.json'), 'utf8')));
  expect(claims).toMatchObject({
    partial: true,
    runs: [],
    figures: { 'frames.clientBytes': { values: [6, 6, 8, 8, 14, 14], disturbed: [], by: null } },
    missing: { feed: 'stopped before its turn; run again' },
  });
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  expect(page).toMatch(/“2-14 bytes per frame”.*holds/s);
  expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('What guides claim');
  await rm(join(folder, 'index.html'));
  expect((await runFeedbench(['report', join(folder, 'claims.json')])).code).toBe(0);
  expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe(page);
});

test('a file that is none is refused in a line', async () => {
  const path = join(folder, 'claims.json');
  await rm(path);
  const { code, stderr } = await runFeedbench(['report', path]);
  expect(code).toBe(FAILURES.unreadable.exitCode);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
