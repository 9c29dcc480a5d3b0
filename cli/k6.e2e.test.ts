import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRANSPORT_IDS } from '../servers/registry.ts';
import { findK6 } from '../load/k6/program.ts';
import { whyNoScript } from '../load/k6/scripts.ts';
import {
  findDescendant,
  readLatest,
  runFeedbench,
  startFeedbench,
  untilReceived,
} from './testing/feedbench-process.ts';
import { needs } from '../scenarios/testing/conditions.ts';

const execute = promisify(execFile);

async function k6OrNone(): Promise<string | undefined> {
  try {
    return await findK6();
  } catch {
    return undefined;
  }
}

const k6 = await k6OrNone();
/** Those that it drives, where all values are usual. */
const driven = TRANSPORT_IDS.filter((transport) => whyNoScript({ transport, values: {} }) === undefined);
const SMALL = ['--clients', '20', '--duration', '1s', '--warm-up', '1s', '--poll', '500ms', '--backplane', 'memory'];
const WEBSOCKET = ['--transport', 'ws'];
/** So few that they are not measured once more with fewer. */
const FEW = ['--clients', '2'];

let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-k6-'));
  if (k6 === undefined)
    process.stderr.write('no k6 of version 2: its tests are skipped (make k6 builds it where Go is)\n');
});

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

describe('with k6', needs(k6 !== undefined, 'k6 of version 2 is not installed'), () => {
  test('that is killed fails its own trial alone, in one line', async () => {
    const words = ['run', 'ticker', ...WEBSOCKET, '--generator', 'k6,native', ...SMALL, ...FEW];
    const run = startFeedbench([...words, '--out', out]);
    await run.printed(/trial 1\/2/);
    await untilReceived(run, /k6 run/, 10_000);
    process.kill(findDescendant(run.pid, /k6 run/), 'SIGKILL');
    const exit = await run.exited;
    expect(exit.stderr).toMatch(/k6: FAILED \(process-died\) k6 \(pid \d+\) ended by itself with signal SIGKILL/);
    expect(exit.code).toBe(4);
    const trials = (await readLatest(out)).trials.map(({ state, generator }) => `${generator} ${state}`);
    expect(trials).toEqual(['k6 failed', 'native measured']);
  }, 60_000);

  test.each([
    ['at once', "throw new Error('planted');", 107],
    ['once it runs', "export function subscribe() { throw new Error('planted'); }", 0],
  ])(
    'a script with an error %s fails its trial, in one line',
    async (when, script, code) => {
      const path = join(out, `${when.replaceAll(' ', '-')}.ts`);
      await writeFile(path, `${script}\nexport default function () { subscribe(); }\n`);
      const wrapper = `${path}.sh`;
      // Everything as feedbench says it, but for the script, which comes last.
      const lines = [
        '#!/bin/sh',
        'test "$1" = version && exec "$REAL" version',
        'exec "$REAL" run --quiet --log-format=raw --log-output=stdout "$SCRIPT"',
      ];
      const wrapped = lines.join('\n').replaceAll('"$REAL"', `'${k6}'`).replace('"$SCRIPT"', `'${path}'`);
      await writeFile(wrapper, `${wrapped}\n`, { mode: 0o755 });
      const words = ['run', 'ticker', '--transport', 'polling', '--generator', 'k6', ...SMALL, '--out', out];
      const exit = await runFeedbench(words, { env: { K6: wrapper } });
      const failures = exit.stderr.split('\n').filter((line) => line.includes('planted'));
      expect(failures).toEqual([
        expect.stringMatching(
          new RegExp(`FAILED \\(process-died\\) k6 .* ended by itself with exit code ${code}: .*planted`),
        ),
      ]);
      expect(exit.code).toBe(4);
      expect((await readLatest(out)).trials.map(({ state }) => state)).toEqual(['failed']);
    },
    60_000,
  );

  test.each(driven)(
    'by hand: the %s script against a node, with thresholds',
    async (transport) => {
      const node = startFeedbench(['serve', '--transport', transport, '--port', '0']);
      const address = /at (127\.0\.0\.1:\d+)/.exec(await node.printed(/Ctrl-C ends it/))?.[1];
      const script = ['run', '--no-usage-report', join('load/k6/scripts', `${transport}.ts`)];
      const variables = ['-e', `URL=http://${address}`, '-e', 'CLIENTS=5', '-e', 'DURATION=2s', '-e', 'POLL=300ms'];
      const options = { cwd: dirname(import.meta.dirname) };
      try {
        const kept = execute(k6 ?? '', [...script, ...variables, '-e', 'MAX_STALENESS=5s'], options);
        const crossed = execute(k6 ?? '', [...script, ...variables, '-e', 'MAX_STALENESS=1us'], options);
        await Promise.all([
          expect(kept).resolves.toMatchObject({ stdout: expect.stringContaining('staleness') as string }),
          expect(crossed).rejects.toMatchObject({ code: 99 }),
        ]);
      } finally {
        node.signal('SIGTERM');
        await node.exited;
      }
    },
    60_000,
  );

  test('by hand: wrong bodies under right numbers are named, where no schedule is known', async () => {
    const env = { NODE_OPTIONS: `--import ${new URL('testing/misserving-nodes.ts', import.meta.url).href}` };
    const node = startFeedbench(['serve', '--transport', 'ws', '--port', '0'], { env });
    const address = /at (127\.0\.0\.1:\d+)/.exec(await node.printed(/Ctrl-C ends it/))?.[1];
    const words = ['run', '--no-usage-report', 'load/k6/scripts/websocket.ts', '-e', `URL=ws://${address}`];
    const subscribers = ['-e', 'CLIENTS=2', '-e', 'DURATION=2s'];
    try {
      const crossed = execute(k6 ?? '', [...words, ...subscribers], { cwd: dirname(import.meta.dirname) });
      await expect(crossed).rejects.toMatchObject({
        code: 99,
        stdout: expect.stringMatching(/misplaced\.*: [1-9]/) as string,
      });
    } finally {
      node.signal('SIGTERM');
      await node.exited;
    }
  }, 60_000);
});

test.each([
  [
    'of another major version',
    "echo 'k6 v1.4.2 (go1.24.1, linux/amd64)'",
    /k6 1 is installed, and the generator k6 needs k6 2/,
  ],
  ['that cannot be started', 'exit 1', /k6 is not installed, and the generator k6 needs k6 2/],
])(
  'a k6 %s is refused in one line, before anything runs',
  async (what, script, says) => {
    const path = join(out, what.replaceAll(' ', '-'));
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const elsewhere = join(out, `no-run-${basename(path)}`);
    const words = ['run', 'ticker', ...WEBSOCKET, '--generator', 'k6,native', ...SMALL, '--out', elsewhere];
    const exit = await runFeedbench(words, { env: { K6: path } });
    expect(exit.code).toBe(3);
    expect(exit.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(says)]);
    await expect(readdir(elsewhere)).rejects.toThrow(/ENOENT/);
  },
  60_000,
);
