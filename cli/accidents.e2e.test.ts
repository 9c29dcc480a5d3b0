import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseResult } from '../scenarios/result/result.ts';
import { findProgram } from '../load/machine/programs.ts';
import {
  descendantsOf,
  type FeedbenchExit,
  findDescendant,
  readLatest,
  runFeedbench,
  startFeedbench,
  stillRunning,
  untilReceived,
} from './testing/feedbench-process.ts';
import { needs } from '../scenarios/testing/conditions.ts';

const execute = promisify(execFile);
const QUICK = ['run', 'ticker', '--transport', 'ws', '--clients', '10', '--duration', '1s', '--warm-up', '100ms'];
const MEMORY = ['--backplane', 'memory'];
const hasRedis = findProgram('redis-server') !== undefined;

/** Who plays the clients. */
const WORKER = /worker-process\.ts/;

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-accidents-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

function expectOneLine({ stderr }: FeedbenchExit, pattern: RegExp): void {
  const lines = stderr.split('\n').filter((line) => line.startsWith('feedbench: '));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(pattern);
  expect(stderr).not.toMatch(/^\s+at /m);
}

const refused: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
  ['an unknown scenario', ['run', 'tickers'], /no scenario is called "tickers"; there are chat, .*storm, ticker/],
  ['an unknown transport', ['run', '--transport', 'ws,pigeon'], /There is no "pigeon"; there are polling, /],
  ['an unknown backplane', ['run', '--backplane', 'kafka'], /There is no "kafka"; there are memory, redis/],
  ['an unknown generator', ['run', '--generator', 'siege'], /There is no "siege"; there are native/],
  ['an unknown option', ['run', '--durations', '3s'], /unknown option '--durations'.*--duration/s],
  ['a count that is none', ['run', '--clients', 'many'], /--clients.*whole number/],
  ['a duration without a unit', ['run', '--duration', '10'], /--duration.*with a unit, such as 10s/],
  ['too many nodes', ['run', '--nodes', '65'], /--nodes.*from 1 to 64/],
  ['a workload that is not there', ['run', 'no/such.json'], /cannot read the workload no\/such\.json/],
  ['a result that is not there', ['report', 'no/result.json'], /cannot read .*no\/result\.json/],
  ['an unknown verb', ['rnu'], /unknown command 'rnu'.*run/s],
  ['a port that is none', ['serve', '--port', '70000'], /--port.*whole number from 0 to 65535/],
];

test.each(refused)('%s is refused in one line, and nothing starts', async (_what, words, says) => {
  const exit = await runFeedbench([...words, ...(words[0] === 'run' ? ['--out', join(out, 'none')] : [])]);
  expectOneLine(exit, says);
  expect([2, 3]).toContain(exit.code);
  expect(exit.stdout).toBe('');
});

test('a workload file with a wrong key is refused with its path', async () => {
  const path = join(out, 'mine.json');
  await writeFile(
    path,
    JSON.stringify({ description: 'x', clients: 1, feed: { kind: 'fixed', messagesPerMinute: 3 } }),
  );
  const exit = await runFeedbench(['run', path, '--out', out]);
  expectOneLine(exit, /mine\.json: feed/);
  expect(exit.code).toBe(2);
});

test('help and an example for every verb', async () => {
  for (const verb of ['run', 'serve', 'report']) {
    const { code, stdout } = await runFeedbench([verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example:\\n  \\S*/feedbench ${verb}`));
  }
  expect((await runFeedbench(['--help'])).stdout).toMatch(/Exit codes:\n {2}0/);
});

/** A PATH that holds only the named programs. */
async function pathWith(...programs: string[]): Promise<string> {
  const folder = join(out, 'bin');
  await mkdir(folder);
  for (const program of programs) {
    const path = findProgram(program);
    if (path !== undefined) await symlink(path, join(folder, program));
  }
  return folder;
}

// The program looks into the system folders too, so a redis-server there cannot be hidden by PATH alone.
const redisIsInSystemFolder = ['/usr/sbin', '/sbin'].includes(dirname(findProgram('redis-server') ?? ''));

test('without redis-server its variants are left out, or refused where asked for', {
  ...needs(!redisIsInSystemFolder, 'redis-server lies in a system folder, where it is found whatever PATH says'),
  timeout: 60_000,
}, async () => {
  const env = { PATH: await pathWith('taskset', 'unshare', 'nsenter', 'ip', 'git') };
  const asked = await runFeedbench([...QUICK, '--backplane', 'redis', '--out', out], { env });
  expectOneLine(asked, /no redis-server: install it/);
  expect(asked.code).toBe(3);
  const unasked = await runFeedbench([...QUICK.with(1, 'scores'), '--out', out], { env });
  expectOneLine(unasked, /no redis-server, so no variants over redis/);
  expect(unasked.code).toBe(0);
  expect((await readLatest(out)).trials.map(({ variant }) => variant.backplane)).toEqual(['memory']);
  const unnamed = await runFeedbench(['plan'], { env });
  expect(unnamed.stderr).toMatch(/left out: scenario storm runs over Redis/);
  expect(unnamed.stdout).toMatch(/^ticker: .*^idle: /ms);
  const overRedis = await runFeedbench(['plan', 'chat', '--transport', 'ws'], { env });
  expect(overRedis.code).toBe(3);
  expect(overRedis.stderr).toMatch(/scenario chat runs over Redis.* or choose --backplane memory$/m);
});

test('a generator that is not installed is refused before anything runs', async () => {
  const exit = await runFeedbench([...QUICK, ...MEMORY, '--generator', 'native,k6', '--out', join(out, 'none')], {
    env: { K6: join(out, 'no-such-k6') },
  });
  expectOneLine(exit, /k6 is not installed.*install it/);
  expect(exit).toMatchObject({ code: 3, stdout: '' });
});

test('a Redis that is not there is told of before anything runs', async () => {
  const words = [...QUICK, '--backplane', 'redis', '--out', out];
  const nobody = await runFeedbench(words, { env: { REDIS_URL: 'redis://127.0.0.1:1' } });
  expectOneLine(nobody, /cannot use Redis at redis:\/\/127\.0\.0\.1:1: .*; start it or correct REDIS_URL/);
  expect(nobody.code).toBe(4);
  const nonsense = await runFeedbench(words, { env: { REDIS_URL: 'localhost' } });
  expectOneLine(nonsense, /REDIS_URL is no address of Redis: write it as redis:/);
  expect(nonsense.code).toBe(2);
});

/** A trial each, which is long enough for an accident in the middle of it. */
const victims: readonly (readonly [pattern: RegExp, code: RegExp])[] = [
  [/redis-server/, /redis-lost|process-died/],
  [/node-process\.ts/, /process-died/],
  [/publisher-process\.ts/, /process-died/],
  [WORKER, /process-died/],
];

test('Redis, a node, the publisher and a worker that die fail their own trials and no other', {
  ...needs(hasRedis, 'redis-server is not installed'),
  timeout: 60_000,
}, async () => {
  const transports = ['ws', 'polling', 'long-polling', 'sse', 'socketio'];
  const variants = ['--shape', 'websocket', '--poll', '500ms', '--backplane', 'redis', '--nodes', '2'];
  const run = startFeedbench([...QUICK.with(3, transports.join(',')).with(7, '3s'), ...variants, '--out', out]);
  const families = [];
  for (const [index, [pattern]] of victims.entries()) {
    await run.printed(new RegExp(`trial ${index + 1}/5`));
    await untilReceived(run, WORKER, 10_000);
    families.push(...descendantsOf(run.pid));
    process.kill(findDescendant(run.pid, pattern), 'SIGKILL');
  }
  const exit = await run.exited;
  const { trials } = await readLatest(out);
  expect(trials.map((trial) => (trial.state === 'failed' ? trial.code : trial.state))).toEqual([
    ...victims.map(([, code]) => expect.stringMatching(code) as string),
    'measured',
  ]);
  expect(exit.stderr.match(/FAILED \(/g)).toHaveLength(victims.length);
  expect(exit.code).toBe(4);
  expect(stillRunning(families)).toEqual([]);
});

test('Ctrl-C once keeps what was measured, marked partial', async () => {
  const words = QUICK.with(3, 'ws,polling').with(7, '30s');
  const run = startFeedbench([...words, ...MEMORY, '--poll', '500ms', '--out', out]);
  await run.printed(/trial 1\/2/);
  // 20 messages a second of fewer than 500 bytes on the wire to each of 10 clients, for two seconds: the window has begun by then.
  await untilReceived(run, WORKER, 2 * 20 * 500 * 10);
  const family = descendantsOf(run.pid);
  run.signal('SIGINT');
  const exit = await run.exited;
  expect(exit.code).toBe(130);
  const result = await readLatest(out);
  expect(result).toMatchObject({ partial: true, plannedTrials: 2 });
  expect(result.trials).toHaveLength(1);
  expect(result.trials[0]).toMatchObject({ state: 'measured', partial: true, audit: { lost: 0 } });
  expect(exit.stdout).toMatch(/partial/);
  expect(stillRunning(family)).toEqual([]);
}, 60_000);

test('Ctrl-C twice stops at once, and leaves nothing running', async () => {
  const run = startFeedbench([...QUICK.with(7, '30s'), ...MEMORY, '--out', out]);
  await run.printed(/trial 1\/1/);
  await untilReceived(run, WORKER, 10_000);
  const family = descendantsOf(run.pid);
  expect(family.length).toBeGreaterThan(3);
  run.signal('SIGINT');
  await run.printed(/once more stops at once/);
  run.signal('SIGINT');
  const { code } = await run.exited;
  expect(code).toBe(130);
  await expect.poll(() => stillRunning(family)).toEqual([]);
}, 60_000);

test('a coordinator that is killed takes everything with it', async () => {
  const run = startFeedbench([
    ...QUICK.with(7, '30s'),
    ...(hasRedis ? ['--backplane', 'redis'] : MEMORY),
    '--out',
    out,
  ]);
  await run.printed(/trial 1\/1/);
  await untilReceived(run, WORKER, 10_000);
  const family = descendantsOf(run.pid);
  run.signal('SIGKILL');
  await run.exited;
  await expect.poll(() => stillRunning(family), { timeout: 5000 }).toEqual([]);
}, 60_000);

test('an output folder that cannot be written is refused', async () => {
  await writeFile(join(out, 'file'), '');
  const exit = await runFeedbench([...QUICK, ...MEMORY, '--out', join(out, 'file')]);
  expectOneLine(exit, /cannot write .*choose another folder with --out/);
  expect(exit.code).toBe(3);
});

async function canMount(): Promise<boolean> {
  try {
    await execute('unshare', ['-Urm', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', out]);
    return true;
  } catch {
    return false;
  }
}

test('a full disk ends the run in one line, and what was saved before stays', async (context) => {
  context.skip(!(await canMount()), 'no tmpfs can be mounted here without root');
  // The first trial's result fits and the second one's does not; what is left is copied out before the mount goes.
  const script = `mount -t tmpfs -o size=24k none "$0" && "$@"; code=$?; cp -r "$0" "$0-kept"; exit $code`;
  const prefix = ['unshare', '-Urm', 'sh', '-c', script, out];
  const exit = await runFeedbench(
    [...QUICK.with(3, 'ws,polling,long-polling'), ...MEMORY, '--poll', '500ms', '--out', out],
    { prefix },
  );
  try {
    expectOneLine(exit, /no space left to write .*make room/);
    expect(exit.code).toBe(3);
    expect(exit.stdout).toMatch(/WebSocket.* ok/);
    const [run = ''] = await readdir(`${out}-kept`);
    const kept = parseResult(JSON.parse(await readFile(join(`${out}-kept`, run, 'result.json'), 'utf8')));
    expect(kept).toMatchObject({ partial: true, plannedTrials: 3 });
    expect(typeof kept === 'string' ? [] : kept.trials.map(({ state }) => state)).toContain('measured');
  } finally {
    await rm(`${out}-kept`, { recursive: true, force: true });
  }
}, 60_000);

test('where namespaces are forbidden it says so, and measures over loopback', async () => {
  const env = { PATH: await pathWith('taskset', 'git') };
  const exit = await runFeedbench([...QUICK, ...MEMORY, '--out', out], { env });
  expect(exit.code).toBe(0);
  const [trial] = (await readLatest(out)).trials;
  const source = trial?.state === 'measured' ? trial.sources.wireBytesDown : undefined;
  expect(source).toMatchObject({ kind: 'n/a' });
  expect(JSON.stringify(source)).toMatch(/no private network: \w+ is not installed/);
}, 60_000);

test('more clients than descriptors are refused with the number that fits', async () => {
  const prefix = ['sh', '-c', 'ulimit -n 300; exec "$0" "$@"'];
  const exit = await runFeedbench(['run', 'ticker', '--clients', '500', ...MEMORY, '--out', out], { prefix });
  expectOneLine(exit, /500 clients .* at most 100 fit/);
  expect(exit.code).toBe(3);
});

test('a port in use is refused', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const exit = await runFeedbench(['serve', '--port', String(port)]);
  server.close();
  expectOneLine(exit, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use; choose another with --port`));
  expect(exit.code).toBe(3);
});

test('serve shows the feed to curl, and ends with a signal', async () => {
  const run = startFeedbench(['serve', '--transport', 'polling', '--port', '0']);
  const text = await run.printed(/Ctrl-C ends it/);
  const address = /at (127\.0\.0\.1:\d+)/.exec(text)?.[1];
  await expect
    .poll(async () => (await fetch(`http://${address}/messages`)).json())
    .toEqual(expect.arrayContaining([expect.objectContaining({ seq: 1 })]));
  run.signal('SIGINT');
  expect((await run.exited).code).toBe(0);
});
