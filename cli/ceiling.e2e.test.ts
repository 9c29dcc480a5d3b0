import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ceiling, isMeasuredPoint, parseCeiling } from '../scenarios/result/ceiling.ts';
import { type FeedbenchExit, runFeedbench } from './testing/feedbench-process.ts';

let out: string;
let folder: string;
let exit: FeedbenchExit;
let ceiling: Ceiling;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-ceiling-'));
  const words = ['ceiling', '--connections', '1,8', '--duration', '1s', '--backplane', 'memory', '--generator'];
  exit = await runFeedbench([...words, 'autocannon,native,k6', '--out', out]);
  folder = join(out, (await readdir(out)).find((name) => name.endsWith('-ceiling')) ?? 'none');
  const parsed = parseCeiling(JSON.parse(await readFile(join(folder, 'ceiling.json'), 'utf8')));
  if (typeof parsed === 'string') throw new TypeError(`${parsed}\n${exit.stderr}`);
  ceiling = parsed;
}, 120_000);

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

test('each generator asks at each setting that it can, and nothing fails', () => {
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(ceiling.points.map(({ generator, waiting, connections }) => `${generator} ${waiting} ${connections}`)).toEqual(
    ['autocannon 0 1', 'native 0 1', 'autocannon 0 8', 'native 0 8', 'autocannon 1 1', 'autocannon 1 8'],
  );
  for (const point of ceiling.points) expect(point).toMatchObject({ state: 'measured', errors: 0 });
});

test('a closed loop: a connection answers as often as its latency allows', () => {
  for (const { answers, connections, latency, windowNs } of ceiling.points.filter(isMeasuredPoint)) {
    // Enough for the law, however slow the machine is: a test has no bound on speed.
    expect(answers).toBeGreaterThan(10);
    // Little's law, with room for what a client does between an answer and its next question.
    const busy = (answers * latency.meanNs) / (connections * windowNs);
    expect(busy).toBeGreaterThan(0.5);
    expect(busy).toBeLessThan(1.05);
  }
});

test('what was not measured says why', () => {
  expect(ceiling.unavailable).toEqual([
    expect.stringMatching(/^k6: n\/a, /),
    expect.stringMatching(/^native with messages waiting: n\/a, /),
  ]);
});

test('has a page, is listed, and can be rebuilt', async () => {
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  expect(page).toMatch(/At most, the door answered .* a second/);
  expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('Ceilings of the polling door');
  await rm(join(folder, 'index.html'));
  expect((await runFeedbench(['report', join(folder, 'ceiling.json')])).code).toBe(0);
  expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe(page);
});
