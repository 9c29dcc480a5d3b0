import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) process.stderr.write('redis-server is not installed: what is tested over Redis is skipped\n');

/** A Redis for one test file: a real one on a port of its own, which a test may stop, kill, freeze and start again. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** For what a test does to Redis from outside. */
  readonly admin: Redis;
  start(): Promise<void>;
  kill(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/**
 * A guard kills it when this process is gone and cannot: its input ends then. What Redis holds survives a restart only where `keep`
 * is given; commands that it is to lack are as unknown to it as to an older one.
 */
export async function startTestRedis(
  keep: 'keep' | 'forget' = 'forget',
  lacking: readonly string[] = [],
): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'feedbench-redis-'));
  const port = await freePort();
  const admin = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => 20 });
  // While a test has Redis down, that is no news.
  admin.on('error', () => undefined);
  let server: ChildProcess;
  let guard: ChildProcess;

  async function start(): Promise<void> {
    const persistence = ['--save', '', '--appendonly', keep === 'keep' ? 'yes' : 'no', '--appendfsync', 'always'];
    const without = lacking.flatMap((command) => ['--rename-command', command, '']);
    const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
    const started = spawn('redis-server', [...place, ...persistence, ...without], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server = started;
    guard = spawn('sh', ['-c', `read -r end; kill -9 ${started.pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
    const lines: string[] = [];
    for await (const line of createInterface({ input: started.stdout })) {
      if (line.includes('Ready to accept connections')) {
        started.stdout.resume();
        return;
      }
      lines.push(line);
    }
    throw new Error(`redis-server did not start: ${lines.slice(-3).join(' ')}`);
  }

  async function kill(): Promise<void> {
    const exited = once(server, 'exit');
    guard.kill('SIGKILL');
    server.kill('SIGKILL');
    await exited;
  }

  await start();
  await admin.connect();
  return {
    url: `redis://127.0.0.1:${port}`,
    admin,
    start,
    kill,
    signal: (signal) => void server.kill(signal),
    [Symbol.asyncDispose]: async () => {
      admin.disconnect();
      if (server.exitCode === null && server.signalCode === null) await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** For a file of tests: one Redis for all of them where there is a redis-server, as the option of their nodes. */
export function redisOfFile(): () => { readonly redisUrl?: string } {
  let redis: TestRedis | undefined;
  beforeAll(async () => {
    if (hasRedis) redis = await startTestRedis();
  });
  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]();
  });
  return () => (redis === undefined ? {} : { redisUrl: redis.url });
}
