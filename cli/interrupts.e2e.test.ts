import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wholeBlocks } from '../scenarios/result/blocks.ts';
import { descendantsOf, readLatest, runFeedbench, startFeedbench, stillRunning } from './testing/feedbench-process.ts';

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-interrupts-'));
});

afterEach(async () => rm(out, { recursive: true, force: true }));

const MEMORY = ['--backplane', 'memory', '--transport', 'ws', '--clients', '5'];

/** By itself a message every 20 s, so that everything waits for it: nothing is due in its warm-up. */
async function thinWorkload(messagesPerSecond = 0.05): Promise<string> {
  const path = join(out, 'thin.json');
  const feed = { kind: 'fixed', messagesPerSecond };
  await writeFile(
    path,
    JSON.stringify({ description: 'thin', clients: 5, feed, payload: { kind: 'stock-prices', bytes: 200 } }),
  );
  return path;
}

const LONG = ['--duration', '100s', '--warm-up', '60s'];
const SHORT = ['--duration', '1s', '--warm-up', '100ms'];

/** Its probe is gone and its worker there: a few clients are connected in no time, and then the feed begins. */
function isFeeding(pid: number): boolean {
  const commands = descendantsOf(pid).map(({ command }) => command);
  const runs = (program: string): boolean => commands.some((command) => command.includes(program));
  return runs('worker-process.ts') && !runs('delay-probe-process.ts');
}

interface Moment {
  readonly when: string;
  readonly printed: RegExp;
  readonly feeding: boolean;
}

const moments: readonly Moment[] = [
  { when: 'before its first trial', printed: /Ctrl-C ends with/, feeding: false },
  { when: 'while its processes start', printed: /trial 1\/1/, feeding: false },
  { when: 'in the warm-up of a feed that is silent', printed: /trial 1\/1/, feeding: true },
];

test.each(moments)('one Ctrl-C ends a run $when, and nothing is left of it', async ({ printed, feeding }) => {
  const run = startFeedbench(['run', await thinWorkload(), ...MEMORY, ...LONG, '--out', join(out, 'runs')]);
  await run.printed(printed);
  await expect.poll(() => !feeding || isFeeding(run.pid), { timeout: 10_000 }).toBe(true);
  const family = descendantsOf(run.pid);
  const askedMs = performance.now();
  run.signal('SIGINT');
  const { code, stderr } = await run.exited;
  expect(performance.now() - askedMs).toBeLessThan(5000);
  expect(code).toBe(130);
  expect(stderr).toMatch(/^feedbench: stopped before anything was measured, so there is no report$/m);
  expect(await readdir(join(out, 'runs'))).toEqual([]);
  expect(stillRunning(family)).toEqual([]);
});

test('one Ctrl-C in a second scenario that has measured nothing leaves the first one as it is', async () => {
  const words = ['run', 'ticker', await thinWorkload(2), ...MEMORY, ...SHORT];
  const run = startFeedbench([...words, '--out', out]);
  await run.printed(/trial 2\/2/);
  run.signal('SIGINT');
  const { code, stdout } = await run.exited;
  expect(code).toBe(130);
  expect(stdout.match(/^Report: /gm)).toHaveLength(1);
  expect((await readLatest(out)).workload.name).toBe('ticker');
  const folders = (await readdir(out)).filter((name) => /^\d{4}-/.test(name));
  expect(folders).toEqual([expect.stringMatching(/-ticker$/)]);
}, 60_000);

test('an interrupted campaign goes on until its blocks are whole, and keeps what it had', async () => {
  const words = ['run', 'ticker', ...MEMORY, ...SHORT, '--trials', '2', '--out', out];
  const run = startFeedbench(words);
  await run.printed(/audit ok/);
  run.signal('SIGINT');
  const stopped = await run.exited;
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toMatch(/^Go on with it: .*feedbench run --resume .*-ticker$/m);
  const before = await readLatest(out);
  expect(before).toMatchObject({ partial: true, campaign: { endedBy: 'stopped', blocks: [{ number: 1 }] } });

  const { code, stdout } = await runFeedbench(['run', '--resume', 'latest', '--out', out]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/-ticker has 0 whole blocks; 4 trials to come/);
  const result = await readLatest(out);
  expect(result.trials.slice(0, before.trials.length)).toEqual(before.trials);
  expect([...wholeBlocks(result)]).toEqual([2, 3]);
  expect(result).toMatchObject({ id: before.id, partial: false, campaign: { endedBy: 'trials' } });
  const page = await readFile(join(out, result.id, 'index.html'), 'utf8');
  expect(page).toContain(result.endedAt.slice(0, 10));

  const again = await runFeedbench(['run', '--resume', join(out, result.id)]);
  expect(again.stdout).toMatch(/has 2 whole blocks, and nothing is missing; more --trials/);
  expect((await readLatest(out)).trials).toEqual(result.trials);
}, 120_000);

test('one Ctrl-C ends a ceiling in the middle of its first point, and nothing is left of it', async () => {
  const words = ['ceiling', '--generator', 'native', '--backplane', 'memory', '--duration', '100s'];
  const run = startFeedbench([...words, '--connections', '1', '--out', out]);
  await run.printed(/Ctrl-C ends with/);
  // By then it is asking.
  await expect.poll(() => descendantsOf(run.pid).length, { timeout: 10_000 }).toBeGreaterThan(2);
  const askedMs = performance.now();
  run.signal('SIGINT');
  const { code, stderr } = await run.exited;
  expect(performance.now() - askedMs).toBeLessThan(5000);
  expect(code).toBe(130);
  expect(stderr).toMatch(/stopped before anything was measured/);
  expect(await readdir(out)).toEqual([]);
}, 60_000);
