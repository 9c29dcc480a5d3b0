import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readLatest, runFeedbench } from '../cli/testing/feedbench-process.ts';
import { breakageOf } from '../load/foreign/testing/breakage.ts';
import { startChatServer } from '../load/foreign/testing/chat-server.ts';
import { startRoomsServer } from '../load/foreign/testing/rooms-server.ts';
import { findProgram } from '../load/machine/programs.ts';
import { type MeasuredTrial, isMeasured } from '../scenarios/result/result.ts';
import { NS_PER_MS } from '../scenarios/units.ts';
import { needs } from '../scenarios/testing/conditions.ts';
import { NOTHING_WRONG } from '../scenarios/testing/clean-audit.ts';

// Several at once on a busy machine take longer than one.
vi.setConfig({ testTimeout: 90_000 });

const CLIENTS = 4;
// They look at no figure that hangs on time, so they run beside each other.
/** Two seconds of 20 a second, warm-up included. */
const MESSAGES = 40;
const UNSEEN = 'the server is not one of this run, and nobody watches its processes';
const TICKS = join(import.meta.dirname, '../load/foreign/testing/ticks_server.py');

let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-own-'));
});

afterAll(async () => rm(out, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly trial: MeasuredTrial;
  readonly folder: string;
}

async function measure(url: string, example: string, seconds = 1): Promise<Ran> {
  const folder = join(out, `${example}-${new URL(url).port}`);
  const adapter = join(import.meta.dirname, 'adapters', `${example}.ts`);
  const load = ['--clients', String(CLIENTS), '--warm-up', '1s', '--duration', `${seconds}s`];
  const { code, stdout, stderr } = await runFeedbench([
    'run',
    'ticker',
    '--target',
    url,
    '--adapter',
    adapter,
    ...load,
    '--out',
    folder,
  ]);
  if (code !== 0 && code !== 5) throw new Error(`nothing was measured: ${stderr}`);
  const [trial] = (await readLatest(folder)).trials;
  if (trial === undefined || !isMeasured(trial)) throw new Error(`nothing was measured: ${stderr}`);
  return { code, stdout, trial, folder };
}

test.concurrent('a chat of somebody else has the feed go through it, and what nobody sees of it is n/a', async () => {
  await using server = await startChatServer();
  const { code, stdout, trial, folder } = await measure(server.url, 'chat');
  expect(trial.audit).toMatchObject({
    ...NOTHING_WRONG,
    published: MESSAGES,
    expected: MESSAGES * CLIENTS,
    received: MESSAGES * CLIENTS,
  });
  expect(code).toBe(0);
  expect(trial.variant).toEqual({ transport: 'chat-by-ws', backplane: 'own server', values: {} });
  expect(trial.unwatched).toEqual({ node: UNSEEN, redis: UNSEEN });
  expect(trial.ramp.serverCpuNs).toBeNull();
  expect(trial.processes.map(({ role }) => role)).toEqual(['publisher', 'worker']);
  expect(stdout).toMatch(
    /To chat by ws at ws:\/\/127\.0\.0\.1:\d+\/ .*\n.*4 clients, and one that publishes 20\.0 messages\/s/,
  );
  const csv = await readFile(join(folder, 'latest/summary.csv'), 'utf8');
  expect(csv).toMatch(/^ticker,chat-by-ws,own server,n\/a,4,1,/m);
  expect(csv).toMatch(/,server_cpu_per_message,us,n\/a,adapter,"the server is not one of this run/);
  expect(await readFile(join(folder, 'latest/index.html'), 'utf8')).toContain(UNSEEN);
});

test.concurrent('what a broken server does is counted exactly, with exit code 5', async () => {
  // Behind the warm-up, which is of no figure.
  const late = { seq: 30, ms: 400 };
  const plan = { dropped: [3, 9, 10], repeated: [5], swapped: [7, 12], damaged: [15], late };
  await using server = await startChatServer(breakageOf(plan));
  const { code, trial } = await measure(server.url, 'chat');
  expect(code).toBe(5);
  expect(trial.audit).toMatchObject({
    ...NOTHING_WRONG,
    published: MESSAGES,
    expected: MESSAGES * CLIENTS,
    lost: 3 * CLIENTS,
    duplicated: CLIENTS,
    reordered: 2 * CLIENTS,
    corrupted: CLIENTS,
  });
  expect(trial.histograms.staleness?.maxNs).toBeGreaterThanOrEqual(late.ms * NS_PER_MS);
});

test.concurrent('a room of Socket.IO does too, to those who have joined it', async () => {
  await using server = await startRoomsServer();
  const { code, trial } = await measure(server.url, 'socketio');
  expect(trial.audit).toMatchObject({ ...NOTHING_WRONG, received: MESSAGES * CLIENTS });
  expect(code).toBe(0);
});

async function startTicks(): Promise<AsyncDisposable & { readonly url: string }> {
  const child: ChildProcess = spawn('python3', [TICKS, '--ahead', '3.2', '--drift', '0.02', '--every', '0.02'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new TypeError('it prints its port');
  const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return {
    url: `http://127.0.0.1:${port.trim()}/ticks`,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

/** Keeps what it is told, and has enough of its clients when it has been told so much. */
async function startTired(most: number): Promise<AsyncDisposable & { readonly url: string }> {
  const texts: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      request.setEncoding('utf8').on('data', (text: string) => texts.push(text));
      request.on('end', () => response.end());
    } else if (texts.length > most) response.writeHead(429, { 'Retry-After': '60' }).end();
    else response.end(JSON.stringify(texts));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/feed`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const POLLS = `export const adapter = {
  label: 'tired', by: 'polling',
  publish: (body) => ({ post: '/say', body }),
  read: ({ text }) => JSON.parse(text),
};`;

test.concurrent('a server that wants no more load is left alone, and what was measured is kept', async () => {
  await using server = await startTired(60);
  const adapter = join(out, 'tired.mjs');
  await writeFile(adapter, POLLS);
  const folder = join(out, 'tired');
  const load = ['--clients', '2', '--poll', '200ms', '--warm-up', '1s', '--duration', '10s'];
  const words = ['run', 'ticker', '--target', server.url, '--adapter', adapter, ...load, '--out', folder];
  const { code, stdout, stderr } = await runFeedbench(words);
  expect(code).toBe(4);
  expect(stderr).toMatch(/the target answered 429 Too Many Requests, retry-after: 60: it wants no more load/);
  expect(stdout).toMatch(/Report: .*index\.html/);
  const [trial] = (await readLatest(folder)).trials;
  if (trial === undefined || !isMeasured(trial)) throw new Error(`nothing was measured: ${stderr}`);
  expect(trial).toMatchObject({ partial: true, halted: { code: 'target-refused' } });
  // What it kept of the time before came with each answer, and is in no count.
  expect(trial.audit.misplaced).toBe(0);
  expect(trial.remarks.join()).toMatch(/messages of a time before the trial came again/);
});

test.concurrent(
  'of a server that makes its feed, with a clock of its own, no more is told than the clocks allow',
  needs(findProgram('python3') !== undefined, 'python3 is not installed'),
  async () => {
    await using server = await startTicks();
    const { code, trial } = await measure(server.url, 'events', 2);
    const { clock, audit, sources } = trial;
    expect(code).toBe(0);
    expect(audit).toMatchObject({ ...NOTHING_WRONG, corrupted: null, misplaced: null });
    expect(audit.published).toBeGreaterThan(80);
    expect(audit.received).toBe(audit.expected);
    // 3.2 s ahead, and 20 ms further each second.
    expect(clock?.aheadNs).toBeGreaterThan(3.19e9);
    expect(clock?.aheadNs).toBeLessThan(4e9);
    expect(clock?.driftNs).toBeGreaterThan(0.02 * 2e9 - 2e6);
    expect(clock?.boundNs).toBeGreaterThanOrEqual(clock?.driftNs ?? Number.NaN);
    // Over loopback a tick is there in a millisecond, of which such clocks know nothing.
    expect(sources.staleness).toEqual({
      kind: 'n/a',
      reason: expect.stringMatching(/^finer than the clocks agree: p50 ≤ /) as string,
    });
    expect(trial.remarks.join()).toMatch(/the server's clock was 3\.\d+ s ahead of this machine's and went .* astray/);
  },
);
