import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createListener, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createInterface } from 'node:readline';
import { readLatest, runFeedbench, startFeedbench } from '../cli/testing/feedbench-process.ts';
import { breakageOf } from '../load/foreign/testing/breakage.ts';
import { startChatServer } from '../load/foreign/testing/chat-server.ts';
import { startRoomsServer } from '../load/foreign/testing/rooms-server.ts';
import { findProgram } from '../load/machine/programs.ts';
import { type MeasuredTrial, isMeasured } from '../scenarios/result/result.ts';
import { NS_PER_MS } from '../scenarios/units.ts';
import { wholeBlocks } from '../scenarios/result/blocks.ts';
import { newAuthority } from '../scenarios/tls/authority.ts';
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

interface How {
  readonly seconds?: number;
  readonly env?: Readonly<Record<string, string>>;
}

function example(name: string): string {
  return join(import.meta.dirname, 'adapters', `${name}.ts`);
}

async function measure(url: string, adapter: string, { seconds = 1, env = {} }: How = {}): Promise<Ran> {
  const folder = join(out, new URL(url).port);
  const load = ['--clients', String(CLIENTS), '--warm-up', '1s', '--duration', `${seconds}s`];
  const words = ['run', 'ticker', '--target', url, '--adapter', adapter, ...load, '--out', folder];
  const { code, stdout, stderr } = await runFeedbench(words, { env });
  if (code !== 0 && code !== 5) throw new Error(`nothing was measured: ${stderr}`);
  const [trial] = (await readLatest(folder)).trials;
  if (trial === undefined || !isMeasured(trial)) throw new Error(`nothing was measured: ${stderr}`);
  return { code, stdout, trial, folder };
}

test.concurrent('a chat of somebody else has the feed go through it, and what nobody sees of it is n/a', async () => {
  await using server = await startChatServer();
  const { code, stdout, trial, folder } = await measure(server.url, example('chat'));
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
  const { code, trial } = await measure(server.url, example('chat'));
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

test.concurrent('an adapter that throws where nobody catches it ends the run in a line, and what is measured is kept', async () => {
  await using server = await startChatServer();
  const file = join(out, 'late.mjs');
  // A bin and more behind the warm-up.
  await writeFile(
    file,
    `import { adapter as chat } from ${JSON.stringify(example('chat'))};
let count = 0;
const late = () => { throw new Error('too late'); };
const read = (came) => { if (++count === 55) setTimeout(late); return chat.read(came); };
export const adapter = { ...chat, read };`,
  );
  const folder = join(out, 'late');
  const load = ['--clients', '1', '--warm-up', '1s', '--duration', '3s', '--trials', '1'];
  const target = `${server.url}?token=s3cret`;
  const words = ['run', 'ticker', '--target', target, '--adapter', file, ...load, '--out', folder];
  const { code, stderr, stdout } = await runFeedbench(words);
  expect(stderr).toMatch(/threw where nobody catches it: too late \(late\.mjs:\d+:\d+\); correct it/);
  expect(code).toBe(2);
  const result = await readLatest(folder);
  expect(result.trials.filter(isMeasured)).toMatchObject([{ halted: { code: 'adapter' } }]);
  const page = await readFile(join(folder, 'latest/index.html'), 'utf8');
  for (const text of [stdout, stderr, page, JSON.stringify(result)]) expect(text).not.toContain('s3cret');
  expect(stdout + result.command).toMatch(/\?token=….*\?token=…/s);
});

test.concurrent('a room of Socket.IO does too, to those who have joined it', async () => {
  await using server = await startRoomsServer();
  const { code, trial } = await measure(server.url, example('socketio'));
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

interface Served extends AsyncDisposable {
  readonly url: string;
}

async function served(server: Server): Promise<Served> {
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

/** Keeps what it is told, and has enough of its clients when it has been told so much. */
async function startTired(most: number): Promise<Served> {
  const texts: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      request.setEncoding('utf8').on('data', (text: string) => texts.push(text));
      request.on('end', () => response.end());
    } else if (texts.length > most) response.writeHead(429, { 'Retry-After': '60' }).end();
    else response.end(JSON.stringify(texts));
  });
  return served(server);
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
    const { code, trial } = await measure(server.url, example('events'), { seconds: 2 });
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

test.concurrent('over TLS, whose authority NODE_EXTRA_CA_CERTS names, it is measured as well', async () => {
  const { authority, server: identity } = await newAuthority(['127.0.0.1']);
  const file = join(out, 'authority.pem');
  await writeFile(file, authority);
  await using server = await startChatServer(undefined, identity);
  const { code, trial } = await measure(server.url, example('chat'), { env: { NODE_EXTRA_CA_CERTS: file } });
  expect(code).toBe(0);
  expect(trial.audit).toMatchObject({ ...NOTHING_WRONG, received: MESSAGES * CLIENTS });
  expect(trial.sources.transportBytesDown).toMatchObject({ kind: 'measured' });
  const words = ['run', 'ticker', '--target', server.url, '--adapter', example('chat'), '--out', join(out, 'nobody')];
  expect(await runFeedbench(words)).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/nobody whom this machine trusts .*: set NODE_EXTRA_CA_CERTS/) as string,
  });
});

/** Holds who asks for what is not there yet, and says with each answer where to go on. */
async function startHolding(): Promise<Served> {
  const texts: string[] = [];
  const held = new Map<ServerResponse, number>();
  const answer = (response: ServerResponse, after: number): void => {
    response.end(JSON.stringify({ next: texts.length, texts: texts.slice(after) }));
  };
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      request.setEncoding('utf8').on('data', (text: string) => texts.push(text));
      request.on('end', () => {
        response.end();
        for (const [waiting, after] of held) answer(waiting, after);
        held.clear();
      });
      return;
    }
    const after = Number(new URL(request.url ?? '', 'http://here').searchParams.get('after'));
    if (texts.length > after) answer(response, after);
    else held.set(response, after);
  });
  return served(server);
}

const HOLDS = `export const adapter = {
  label: 'holding', by: 'long-polling',
  publish: (body) => ({ post: '/say', body }),
  ask: (_last, _target, latest) => '/feed?after=' + (latest === undefined ? 0 : JSON.parse(latest.text).next),
  read: ({ text }) => JSON.parse(text).texts,
};`;

test.concurrent('long-polling goes on where the latest answer says', async () => {
  await using server = await startHolding();
  const adapter = join(out, 'holding.mjs');
  await writeFile(adapter, HOLDS);
  const { code, trial } = await measure(server.url, adapter);
  expect(code).toBe(0);
  expect(trial.audit).toMatchObject({ ...NOTHING_WRONG, received: MESSAGES * CLIENTS });
});

/** Lines over TCP: whoever says one is heard by all. */
async function startLines(): Promise<AsyncDisposable & { readonly url: string }> {
  const sockets = new Set<Socket>();
  const server = createListener((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    createInterface({ input: socket }).on('line', (line) => {
      for (const one of sockets) one.write(`${line}\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const OWN = `import { connect } from 'node:net';
import { createInterface } from 'node:readline';
export const adapter = {
  label: 'lines', by: 'own',
  connect: ({ url }, hear) => new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('connect', () => resolve({ say: (text) => socket.write(text + '\\n'), close: () => socket.destroy() }));
    socket.on('error', reject).on('close', () => hear.ended('the line is cut'));
    createInterface({ input: socket }).on('line', hear);
  }),
  publish: (text) => text,
  read: ({ text }) => text,
};`;

test.concurrent('a client of the adapter itself may speak what it likes', async () => {
  await using server = await startLines();
  const adapter = join(out, 'lines.mjs');
  await writeFile(adapter, OWN);
  const { code, trial } = await measure(server.url, adapter);
  expect(code).toBe(0);
  expect(trial.audit).toMatchObject({ ...NOTHING_WRONG, received: MESSAGES * CLIENTS });
  expect(trial.sources.transportBytesDown).toMatchObject({ kind: 'n/a' });
});

test.concurrent('one Ctrl-C leaves the server alone, keeps what was measured, and it goes on later', async () => {
  let told = 0;
  const enough = Promise.withResolvers<undefined>();
  await using server = await startChatServer((text, tell) => {
    told += 1;
    tell(text);
    if (told > 50) enough.resolve(undefined);
  });
  const folder = join(out, 'stopped');
  const place = ['--target', server.url, '--adapter', example('chat')];
  const load = ['--clients', '2', '--warm-up', '200ms', '--duration', '4s', '--trials', '2'];
  const run = startFeedbench(['run', 'ticker', ...place, ...load, '--out', folder]);
  await Promise.race([enough.promise, run.exited]);
  run.signal('SIGINT');
  const { code, stdout } = await run.exited;
  const toldByThen = told;
  expect(code).toBe(130);
  expect(stdout).toMatch(/^Go on with it: .* --resume .* --target ws:.* --adapter .*chat\.ts$/m);
  const before = await readLatest(folder);
  expect(before.trials).toMatchObject([{ state: 'measured', partial: true, audit: NOTHING_WRONG }]);

  const again = ['run', '--resume', 'latest', '--out', folder];
  expect(await runFeedbench(again)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/is of a server of your own: say --target and --adapter beside --resume/) as string,
  });
  expect(told).toBe(toldByThen);
  expect((await runFeedbench([...again, ...place])).code).toBe(0);
  const result = await readLatest(folder);
  expect(result.trials.slice(0, 1)).toEqual(before.trials);
  expect(wholeBlocks(result).size).toBe(2);
});
