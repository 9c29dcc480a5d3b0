import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isMeasured } from '../scenarios/result/result.ts';
import { hasRedis, startTestRedis } from '../servers/testing/test-redis.ts';
import { descendantsOf, readLatest, runFeedbench, startFeedbench } from './testing/feedbench-process.ts';
import { needs } from '../scenarios/testing/conditions.ts';
import { newAuthority } from '../scenarios/tls/authority.ts';
import { TokenIssuer } from '../scenarios/tokens.ts';

const SECRET = 'n0b0dy@reads:this/';
const QUICK = ['run', 'ticker', '--clients', '4', '--duration', '1s', '--warm-up', '100ms'];
const WORDS = [SECRET, encodeURIComponent(SECRET), 'n0b0dy', 'ann-the-user'];

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-secrets-'));
});

afterEach(async () => rm(out, { recursive: true, force: true }));

function leaks(text: string): string[] {
  return WORDS.filter((word) => text.includes(word));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function readable(pid: number, name: 'cmdline' | 'environ'): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
}

/** What others on this machine can read of a process; nothing where it is still a copy of its parent, before it becomes another program. */
async function readableOf(pid: number, parentCommand: string): Promise<string> {
  const command = await readable(pid, 'cmdline');
  return command === parentCommand ? '' : `${command}\0${await readable(pid, 'environ')}`;
}

test('a password of REDIS_URL stands in no output, no file and no process, and touches no run without Redis', {
  ...needs(hasRedis, 'redis-server is not installed'),
  timeout: 120_000,
}, async () => {
  await using redis = await startTestRedis();
  await redis.admin.call('ACL', 'SETUSER', 'ann-the-user', 'on', `>${SECRET}`, '~feedbench:*', '&feedbench:*', '+@all');
  await redis.admin.config('SET', 'requirepass', SECRET);
  const at = redis.url.slice('redis://'.length);
  const url = `redis://ann-the-user:${encodeURIComponent(SECRET)}@${at}/3`;
  const words = [...QUICK, '--transport', 'ws'];
  const both = ['--backplane', 'memory,redis', '--nodes', '2'];
  const run = startFeedbench([...words, ...both, '--out', out], { env: { REDIS_URL: url } });
  await run.printed(/trial 2\/2/);
  // Its processes come up one after the other; every one of them is looked at.
  const own = await readable(run.pid, 'cmdline');
  const seen = new Map<number, string>();
  const look = async (): Promise<string> => {
    for (const { pid } of descendantsOf(run.pid)) seen.set(pid, await readableOf(pid, own));
    return [...seen.values()].join('\n');
  };
  for (const program of ['node-process.ts', 'worker-process.ts', 'publisher-process.ts'])
    await expect.poll(look, { timeout: 10_000 }).toContain(program);
  expect([...seen.values()].flatMap(leaks)).toEqual([]);
  const { code, stdout, stderr } = await run.exited;
  expect({ code, leaks: leaks(stdout + stderr) }).toEqual({ code: 0, leaks: [] });
  for (const path of await filesBelow(out)) expect(leaks(await readFile(path, 'utf8'))).toEqual([]);
  const wires = (await readLatest(out)).trials.map((trial) => [
    trial.variant.backplane,
    isMeasured(trial) ? trial.sources.wireBytesDown : trial.message,
  ]);
  const alone = startFeedbench([...words, '--backplane', 'memory', '--out', join(out, 'alone')]);
  expect((await alone.exited).code).toBe(0);
  const [without] = (await readLatest(join(out, 'alone'))).trials;
  expect(wires).toEqual([
    ['memory', without !== undefined && isMeasured(without) ? without.sources.wireBytesDown : 'none'],
    ['redis', { kind: 'n/a', reason: 'no private network: the Redis of REDIS_URL is outside of it' }],
  ]);
});

test('an address that cannot be used is refused without a word of its secret', async () => {
  const words = ['run', 'ticker', '--backplane', 'redis', '--out', out];
  for (const url of [
    'redis://:n0b0dy@127.0.0.1:1',
    'redis://:n0b0dy/x@127.0.0.1:1',
    'redis://:n0b0dy%@h:1',
    'n0b0dy',
  ]) {
    const { code, stdout, stderr } = await runFeedbench(words, { env: { REDIS_URL: url } });
    expect([2, 4]).toContain(code);
    expect(stderr).toMatch(/^feedbench: [^\n]*REDIS_URL[^\n]*\n$/);
    expect(leaks(stdout + stderr)).toEqual([]);
  }
});

const LOOK_EVERY_MS = 100;
/** Header, claims and signature; and what a private key of Ed25519 or P-256 begins with, as PEM or in base64. */
const TOKENS = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|PRIVATE KEY|MC4CAQAwBQYDK2Vw|MIGHAgEAMBMGByqGSM49/;

test('the tokens of a run over TLS, and its keys, stand in no output, no file and no process', {
  timeout: 120_000,
}, async () => {
  const words = [...QUICK, '--backplane', 'memory'];
  const variants = ['--transport', 'ws,polling', '--auth', 'url,message', '--poll', '300ms', '--tls', 'tls1.3'];
  const run = startFeedbench([...words, ...variants, '--out', out]);
  const own = await readable(run.pid, 'cmdline');
  const seen = new Set<string>();
  const over = new AbortController();
  const exited = run.exited.finally(() => over.abort());
  while (!over.signal.aborted) {
    for (const { pid } of descendantsOf(run.pid)) seen.add(await readableOf(pid, own));
    await setTimeout(LOOK_EVERY_MS);
  }
  const programs = [...seen].join('\n');
  for (const program of ['node-process.ts', 'worker-process.ts', 'publisher-process.ts'])
    expect(programs).toContain(program);
  expect(programs).not.toMatch(TOKENS);
  const { code, stdout, stderr } = await exited;
  expect(code).toBe(0);
  expect(stdout + stderr).not.toMatch(TOKENS);
  const { trials } = await readLatest(out);
  expect(trials.map(({ variant: { transport, values } }) => [transport, values.auth, values.tls])).toEqual(
    expect.arrayContaining([
      ['websocket', 'url', 'tls1.3'],
      ['websocket', 'message', 'tls1.3'],
      ['polling', 'url', 'tls1.3'],
    ]),
  );
  for (const path of await filesBelow(out)) expect(await readFile(path, 'utf8')).not.toMatch(TOKENS);
  // What is looked for would be found.
  const { key } = (await newAuthority(['127.0.0.1'])).server;
  expect(key).toMatch(TOKENS);
  expect(key.split('\n')[1]).toMatch(TOKENS);
  const { privateKey } = generateKeyPairSync('ed25519');
  expect(await new TokenIssuer(privateKey).issue('u1', 1)).toMatch(TOKENS);
  expect(privateKey.export({ type: 'pkcs8', format: 'pem' })).toMatch(TOKENS);
  expect(privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')).toMatch(TOKENS);
});
