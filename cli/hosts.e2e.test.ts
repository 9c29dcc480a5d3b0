import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findK6 } from '../load/k6/program.ts';
import { openNetwork } from '../load/machine/network.ts';
import { findProgram } from '../load/machine/programs.ts';
import { isMeasured } from '../scenarios/result/result.ts';
import { needs } from '../scenarios/testing/conditions.ts';
import { settingsFor } from '../servers/balancers.ts';
import { type Hosts, openHosts } from './testing/four-hosts.ts';
import { readLatest, runFeedbench, startFeedbench } from './testing/feedbench-process.ts';

const ROOT = dirname(import.meta.dirname);
const NODES = 3;
const CLIENTS = 20;
const PORT = { redis: 6379, node: 3001, balancer: 8080, publisher: 3100 };

const k6 = await orUndefined(findK6);
// Where there are private networks, hosts that do not come up are a fault, and no reason to leave the test out.
const hosts = (await hasPrivateNetworks()) ? await openHosts(3) : undefined;
const lacks = [
  ...(hosts === undefined ? ['private networks'] : []),
  ...(k6 === undefined ? ['k6 of version 2'] : []),
  ...['redis-server', 'haproxy'].filter((program) => findProgram(program) === undefined),
];

async function hasPrivateNetworks(): Promise<boolean> {
  await using network = await openNetwork();
  return network.readWire !== undefined;
}

async function orUndefined<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch {
    return undefined;
  }
}

let folder: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-hosts-'));
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await hosts?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Started on a host; what it prints goes into a file of the folder. */
function start(host: { readonly enter: readonly string[] }, command: readonly string[], file: string): ChildProcess {
  const [program = '', ...words] = [...host.enter, ...command];
  const child = spawn(program, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.pipe(createWriteStream(join(folder, file)));
  started.push(child);
  return child;
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  return (
    child.exitCode ??
    new Promise((resolve) => {
      child.once('close', (code) => resolve(code));
    })
  );
}

/** Nodes and Redis on one host, a balancer in the middle with the publisher, and two hosts around it for k6. */
async function openCluster({
  middle,
  around: [servers],
}: Hosts): Promise<{ redisUrl: string; stop: () => Promise<number[]> }> {
  if (servers === undefined) throw new RangeError('no host for servers');
  const { address } = servers;
  start(
    servers,
    [
      'redis-server',
      '--bind',
      address,
      '--port',
      String(PORT.redis),
      '--protected-mode',
      'no',
      '--save',
      '',
      '--dir',
      folder,
    ],
    'redis',
  );
  await expect
    .poll(async () => readFile(join(folder, 'redis'), 'utf8'), { timeout: 10_000 })
    .toMatch(/Ready to accept/);
  const redisUrl = `redis://${address}:${PORT.redis}`;
  const serve = ['serve', '--backplane', 'redis', '--feed', 'cluster', '--host', address];
  const nodes = Array.from({ length: NODES }, (_, index) =>
    startFeedbench([...serve, '--port', String(PORT.node + index)], {
      prefix: [...servers.enter],
      env: { REDIS_URL: redisUrl },
    }),
  );
  await Promise.all(nodes.map(async (node) => node.printed(/Ctrl-C ends it/)));
  const settings = await settingsFor('haproxy', 'tuned', {
    listen: `0.0.0.0:${PORT.balancer}`,
    nodes: nodes.map((_, index) => `${address}:${PORT.node + index}`),
    folder,
    workers: 1,
    clients: 1000,
    connections: 2000,
  });
  await writeFile(join(folder, 'haproxy.cfg'), settings);
  start(middle, ['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')], 'haproxy');
  return {
    redisUrl,
    stop: async () => {
      for (const node of nodes) node.signal('SIGTERM');
      return Promise.all(nodes.map(async (node) => (await node.exited).code ?? -1));
    },
  };
}

interface Played {
  readonly files: readonly string[];
  readonly publisher: number | null;
  readonly k6: readonly (number | null)[];
}

/** One feed through the cluster; `during` is called when k6 is under way on its hosts. */
async function play(
  { middle, around: [, ...clientHosts] }: Hosts,
  redisUrl: string,
  { name, during }: { name: string; during?: (k6s: readonly ChildProcess[]) => Promise<void> },
): Promise<Played> {
  const words = ['--clients', String(CLIENTS), '--duration', '2s', '--warm-up', '1s', '--lead', '1s', '--wait', '40s'];
  const publish = ['publish', 'ticker', '--feed', 'cluster', '--nodes', String(NODES), '--balancer', 'haproxy'];
  const publisher = startFeedbench([...publish, ...words, '--port', String(PORT.publisher)], {
    prefix: [...middle.enter],
    env: { REDIS_URL: redisUrl },
  });
  await publisher.printed(/are waited for/);
  const k6s = clientHosts.map((host, index) => {
    const segment = ['--execution-segment', ['0:1/2', '1/2:1'][index] ?? '', '--execution-segment-sequence', '0,1/2,1'];
    const quiet = [
      '--quiet',
      '--no-usage-report',
      '--summary-mode=disabled',
      '--log-output=stdout',
      '--log-format=raw',
    ];
    const told = [
      `URL=ws://${host.middleAddress}:${PORT.balancer}`,
      `CLIENTS=${CLIENTS}`,
      `PUBLISHER=http://${host.middleAddress}:${PORT.publisher}`,
    ];
    const variables = told.flatMap((variable) => ['-e', variable]);
    const script = join('load', 'k6', 'scripts', 'websocket.ts');
    return start(host, [k6 ?? '', 'run', ...quiet, ...segment, ...variables, script], `${name}-${index}`);
  });
  await publisher.printed(/all are there/);
  await during?.(k6s);
  const exits = await Promise.all(k6s.map(exitOf));
  await publisher.printed(/"kind":"published"/);
  if (exits.includes(null)) publisher.signal('SIGTERM');
  const { code, stdout } = await publisher.exited;
  await writeFile(join(folder, `${name}-publisher`), stdout);
  const files = ['publisher', ...k6s.keys()].map((part) => join(folder, `${name}-${part}`));
  return { files, publisher: code, k6: exits };
}

test('four hosts, k6 on two of them: one report with exact counts, and a k6 that was killed is named', {
  ...needs(lacks.length === 0, `there is no ${lacks.join(', no ')}`),
  timeout: 90_000,
}, async () => {
  if (hosts === undefined) throw new TypeError('there are hosts');
  const { redisUrl, stop } = await openCluster(hosts);
  const whole = await play(hosts, redisUrl, { name: 'whole' });
  expect([whole.publisher, ...whole.k6]).toEqual([0, 0, 0]);
  const merged = await runFeedbench(['merge', ...whole.files, '--out', join(folder, 'out')]);
  expect(merged).toMatchObject({ code: 0, stderr: '' });
  const result = await readLatest(join(folder, 'out'));
  const trial = result.trials.find(isMeasured);
  const { messages } = result.manifest;
  expect(trial?.audit).toMatchObject({
    subscribers: CLIENTS,
    published: messages,
    received: CLIENTS * messages,
    lost: 0,
  });
  expect(trial?.variant.values).toMatchObject({ nodes: NODES, balancer: 'haproxy' });

  // The second feed goes on behind the first, in the same nodes.
  const cut = await play(hosts, redisUrl, {
    name: 'cut',
    during: async ([, second]) => {
      await expect
        .poll(async () => readFile(join(folder, 'cut-1'), 'utf8'), { timeout: 20_000 })
        .toMatch(/"kind":"seen"/);
      second?.kill('SIGKILL');
    },
  });
  expect(cut.k6).toEqual([0, null]);
  const rest = await runFeedbench(['merge', ...cut.files, '--out', join(folder, 'out')]);
  expect(rest.stderr).toMatch(/cut-1 \(k6 \d\) ends before k6 did/);
  expect([4, 5]).toContain(rest.code);
  expect((await readLatest(join(folder, 'out'))).partial).toBe(true);
  expect(await stop()).toEqual([0, 0, 0]);
});
