import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Histogram, type HistogramSnapshot } from '../../scenarios/measures/histogram.ts';
import { isMeasured, type MeasuredTrial, parseResult, type Result } from '../../scenarios/result/result.ts';
import { collect } from './collected.ts';
import { mergedResult } from './merged-result.ts';
import { printed, type ToldRun, toldRun } from './testing/told-run.ts';

let folder: string;
let run: ToldRun;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-merge-'));
  run = await toldRun([2, 3]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const ONE = { instance: 1, clients: [0, 2], offsetMs: 1_700_000_000_000, delayMs: 5 };
/** Its clock is a minute behind. */
const TWO = { instance: 2, clients: [1, 3, 4], offsetMs: 1_699_999_940_000, delayMs: 9 };

async function put(files: Readonly<Record<string, string>>): Promise<string[]> {
  const paths = Object.entries(files).map(([name, text]) => ({ path: join(folder, name), text }));
  await Promise.all(paths.map(async ({ path, text }) => writeFile(path, text)));
  return paths.map(({ path }) => path);
}

function wholeRun(): { publisher: string; one: string; two: string } {
  return {
    publisher: printed([run.published]),
    one: printed(run.linesOf(ONE)),
    two: printed(run.linesOf(TWO)),
  };
}

async function merged(files: Readonly<Record<string, string>>): Promise<Result> {
  return mergedResult(await collect(await put(files)), { id: 'merged', command: 'feedbench merge' });
}

function onlyTrial({ trials: [trial] }: Result): MeasuredTrial {
  if (trial === undefined || !isMeasured(trial)) throw new TypeError('one trial was measured');
  return trial;
}

function snapshotOf({ histograms: { staleness } }: MeasuredTrial): HistogramSnapshot {
  if (staleness === undefined) throw new TypeError('deliveries have staleness');
  return staleness;
}

test('two hosts with clocks of their own fold into one trial, with every delivery', async () => {
  const result = await merged(wholeRun());
  const { messages } = run.published;
  const trial = onlyTrial(result);
  expect(parseResult(result)).toEqual(result);
  expect(result.partial).toBe(false);
  expect(trial.audit).toMatchObject({ subscribers: 5, published: messages, expected: 5 * messages });
  expect(trial.audit).toMatchObject({ received: 5 * messages, lost: 0, duplicated: 0, misplaced: 0, foreign: 0 });
  const staleness = Histogram.from(snapshotOf(trial));
  expect(staleness.count).toBe(5 * trial.dueInWindow);
  // Two of five clients at 5 ms, three at 9, by a clock that is known to 110 µs.
  expect(Math.abs(staleness.percentileNs(39) - 5e6)).toBeLessThan(0.12e6);
  expect(Math.abs(staleness.percentileNs(90) - 9e6)).toBeLessThan(0.12e6);
  expect(trial.gaugesPerBin.connections).toEqual([5, 5, 5]);
  expect(trial.sources['wireBytesDown']).toMatchObject({ kind: 'n/a' });
  expect(trial.remarks).toEqual([expect.stringContaining('clocks of 2 hosts are known to 110 µs')]);
});

test('the order of files, and what a collector puts in front of lines, make no difference', async () => {
  const { publisher, one, two } = wholeRun();
  const framed = await merged({ two, publisher: printed([run.published], 'publisher-1  | '), one });
  expect(onlyTrial(framed)).toEqual(onlyTrial(await merged({ publisher, one, two })));
});

test('what came from the future by less than the clocks are known came at once, and by more is a clock error', async () => {
  const early = await merged({ ...wholeRun(), one: printed(run.linesOf({ ...ONE, delayMs: 0.15 })) });
  expect(onlyTrial(early).countersPerBin.clockErrors).toBeUndefined();
  const wrong = await merged({ ...wholeRun(), one: printed(run.linesOf({ ...ONE, delayMs: -3 })) });
  expect(onlyTrial(wrong).countersPerBin.clockErrors?.reduce((a, b) => a + b)).toBe(2 * run.published.messages);
});

test('clients that connected when the feed had begun are counted, where that can be seen', async () => {
  const late = run.linesOf(ONE).map((line) => (line.kind === 'opened' ? { ...line, atMs: line.atMs + 1500 } : line));
  const pushed = await merged({ ...wholeRun(), one: printed(late) });
  expect(onlyTrial(pushed).remarks).toContainEqual(
    expect.stringMatching(/2 clients connected up to 500 ms after the feed had begun/),
  );
  const held = { ...run.published, variant: { ...run.published.variant, transport: 'long-polling' } };
  const heldLines = [late, run.linesOf(TWO)].map((lines) =>
    printed(lines.map((line) => (line.kind === 'joined' ? { ...line, transport: 'long-polling' } : line))),
  );
  const [one = '', two = ''] = heldLines;
  const answered = await merged({ publisher: printed([held]), one, two });
  expect(onlyTrial(answered).remarks).not.toContainEqual(expect.stringContaining('had begun'));
});

test('a clock that was set meanwhile is named, and nothing finer than that is shown', async () => {
  const result = await merged({ ...wholeRun(), two: printed(run.linesOf({ ...TWO, driftMs: 40 })) });
  expect(onlyTrial(result).remarks).toContainEqual(expect.stringMatching(/the clock of .*two was set.*40\.0 ms/));
  expect(onlyTrial(result).histograms.staleness?.minNs).toBeGreaterThan(20e6);
});

interface Damage {
  readonly change: (lines: string) => string;
  readonly gap: RegExp;
  readonly lostClients: number;
}

test.each<[what: string, damage: Damage]>([
  [
    'whose k6 was killed',
    { change: (text) => text.split('\n').slice(0, -3).join('\n'), gap: /ends before k6 did/, lostClients: 0 },
  ],
  [
    'that is cut in its last line',
    { change: (text) => text.slice(0, -9), gap: /is cut in its last line/, lostClients: 0 },
  ],
  [
    'that is cut in the middle of a client',
    {
      change: (text) => `${text.split('\n').slice(0, 3).join('\n')}\nfeedbench {"kind":"se`,
      gap: /says nothing of 2 of its 3 clients/,
      lostClients: 1,
    },
  ],
])('a file %s is named, and what it does not say is lost', async (_, { change, gap, lostClients }) => {
  const files = wholeRun();
  const collected = await collect(await put({ ...files, two: change(files.two) }));
  expect(collected.gaps).toContainEqual(expect.stringMatching(gap));
  const result = await mergedResult(collected, { id: 'merged', command: '' });
  expect(result.partial).toBe(true);
  expect(onlyTrial(result).audit.lost).toBe(lostClients * run.published.messages);
  expect(onlyTrial(result).remarks).toEqual(expect.arrayContaining([...collected.gaps]));
});

test('a k6 that is in none of the files is named with its clients', async () => {
  const { publisher, one } = wholeRun();
  const { gaps } = await collect(await put({ publisher, one }));
  expect(gaps).toEqual(['k6 2 with 3 clients is in none of the files']);
});

test.each<[what: string, files: () => Record<string, string>, refusal: readonly [code: string, says: RegExp]]>([
  ['an empty file', () => ({ ...wholeRun(), empty: '' }), ['unreadable', /empty has no whole line/]],
  ['no publisher', () => ({ one: wholeRun().one, two: wholeRun().two }), ['unmergeable', /what the publisher printed/]],
  ['a file twice', () => ({ ...wholeRun(), again: wholeRun().one }), ['unmergeable', /are of the same k6 \(1\)/]],
  [
    'the same clients twice',
    () => ({ ...wholeRun(), two: printed(run.linesOf({ ...TWO, clients: [1, 2, 3] })) }),
    ['unmergeable', /client 2 is in .*one and in .*two/],
  ],
  [
    'another feed',
    () => ({ ...wholeRun(), two: wholeRun().two.replace('of-this-run', 'of-another') }),
    ['unmergeable', /two is of another feed/],
  ],
  [
    'another schedule',
    () => ({ ...wholeRun(), two: wholeRun().two.replace(run.published.plannedHash, '00') }),
    ['unmergeable', /another schedule hash/],
  ],
  [
    'another seed',
    () => ({ ...wholeRun(), publisher: printed([{ ...run.published, seed: 8 }]) }),
    ['unmergeable', /makes another feed of that scenario and seed/],
  ],
  [
    'a log that has lost its beginning',
    () => ({ ...wholeRun(), two: wholeRun().two.split('\n').slice(2).join('\n') }),
    ['unmergeable', /two begins in the middle/],
  ],
  [
    'a line that is none',
    () => ({ ...wholeRun(), two: wholeRun().two.replace('"opened"', '"opne') }),
    ['unreadable', /two, line 3/],
  ],
  [
    'a line without an end',
    () => ({ ...wholeRun(), two: `${wholeRun().two.split('\n').slice(0, 2).join('\n')}\n${'x'.repeat(17 * 2 ** 20)}` }),
    ['unreadable', /two, line 3: longer than 16 MiB/],
  ],
  [
    'two k6 in one file',
    () => ({ publisher: wholeRun().publisher, both: wholeRun().one + wholeRun().two }),
    ['unmergeable', /the output of two k6 \(1 and 2\)/],
  ],
])('%s is refused in a clear line', async (_, files, [code, says]) => {
  await expect(merged(files())).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string });
});
