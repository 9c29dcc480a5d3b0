import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { DIMENSIONS, type ValueOf } from '../../scenarios/dimensions.ts';
import { needs } from '../../scenarios/testing/conditions.ts';
import { newAuthority } from '../../scenarios/tls/authority.ts';
import { BALANCER_IDS, BALANCERS, type BalancerId } from '../../servers/balancers.ts';
import { Guard } from '../machine/guard.ts';
import { findProgram } from '../machine/programs.ts';
import { openScratch } from '../machine/scratch.ts';
import { balancerOf, startBalancer } from './balancer.ts';

const TUNINGS = Object.keys(DIMENSIONS.tuning.values.of) as ValueOf<'tuning'>[];
const WAYS = BALANCER_IDS.flatMap((id) => TUNINGS.map((tuning) => [id, tuning] as const));

function there(id: BalancerId): ReturnType<typeof needs> {
  return needs(findProgram(BALANCERS[id].program) !== undefined, `no ${BALANCERS[id].program} here`);
}

async function site(): Promise<Omit<Parameters<typeof startBalancer>[1], 'nodes'>> {
  const cleanup = new AsyncDisposableStack();
  onTestFinished(async () => cleanup.disposeAsync());
  const host = { address: '127.0.0.1', enter: [] };
  return { host, cores: [], scratch: await openScratch(cleanup), guard: new Guard(), cleanup };
}

/** Answers with its own number; its health as a node has it. */
async function openNode(number: number): Promise<Server> {
  const server = createServer((_, response) => response.end(`node ${number}`)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return server;
}

function targetOf(server: Server): { host: string; port: number } {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** All that it has started, and who watches over them. */
function groupOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,pgid='], { encoding: 'utf8' });
  const processes = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return processes.flatMap(([member = 0, group]) => (group === pid ? [member] : []));
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const [id, tuning] of WAYS) {
  test(
    `${id}, ${tuning}: takes its file, spreads requests over the nodes, and leaves nothing behind`,
    there(id),
    async () => {
      const nodes = await Promise.all([openNode(1), openNode(2)]);
      const place = await site();
      const { target, child } = await startBalancer({ id, tuning }, { ...place, nodes: nodes.map(targetOf) });
      const answers = await Promise.all(
        Array.from({ length: 8 }, async () => (await fetch(`http://${target.host}:${target.port}/messages`)).text()),
      );
      expect([...new Set(answers)].toSorted()).toEqual(['node 1', 'node 2']);
      const family = groupOf(child.pid);
      await place.cleanup.disposeAsync();
      await expect.poll(() => family.filter(isThere)).toEqual([]);
    },
  );
}

test.each(BALANCER_IDS)('%s: who shows the same session comes to the same node', async (id) => {
  if (findProgram(BALANCERS[id].program) === undefined) return;
  const nodes = await Promise.all([openNode(1), openNode(2), openNode(3)]);
  const { target } = await startBalancer({ id, tuning: 'tuned' }, { ...(await site()), nodes: nodes.map(targetOf) });
  const ask = async (session: string): Promise<string> => {
    const headers = { cookie: `theme=dark; session=${session}` };
    return (await fetch(`http://${target.host}:${target.port}/socket.io/?EIO=4`, { headers })).text();
  };
  const sessions = Array.from({ length: 24 }, (_, client) => `s%3A${client}`);
  const homes = await Promise.all(sessions.map(ask));
  expect(new Set(homes).size).toBe(3);
  expect(await Promise.all(sessions.map(ask))).toEqual(homes);
});

/** What is answered on a new connection over TLS that goes on with no session. */
async function askOverTls({ host, port }: { host: string; port: number }, ca: string): Promise<string> {
  const socket = connect({ host, port, ca });
  socket.write('GET /messages HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n');
  return text(socket);
}

/** The workers of nginx; HAProxy has none, it serves by itself. */
function workersOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [member, parent, ...words] = line.trim().split(/\s+/);
    return Number(parent) === pid && words.join(' ').startsWith('nginx: worker process') ? [Number(member)] : [];
  });
}

for (const id of BALANCER_IDS) {
  test(`${id}: no key is on disk while it serves TLS, also by workers that start later`, there(id), async () => {
    const node = await openNode(1);
    const place = await site();
    const tls = await newAuthority(['127.0.0.1']);
    const { target, child } = await startBalancer({ id, tuning: 'tuned' }, { ...place, nodes: [targetOf(node)], tls });
    expect(existsSync(join(place.scratch, 'balancer', 'settings'))).toBe(true);
    expect(existsSync(join(place.scratch, 'balancer', 'identity.pem'))).toBe(false);
    expect(await askOverTls(target, tls.authority)).toMatch(/^HTTP\/1.1 200 [^]*node 1/);
    const before = workersOf(child.pid);
    expect(before.length > 0).toBe(id === 'nginx');
    for (const worker of before) process.kill(worker, 'SIGKILL');
    await expect
      .poll(() => workersOf(child.pid).filter((worker) => !before.includes(worker)).length)
      .toBe(before.length);
    expect(await askOverTls(target, tls.authority)).toMatch(/^HTTP\/1.1 200 [^]*node 1/);
  });
}

test.each(BALANCER_IDS)('%s: a file that it refuses is one line, with its own words', async (id) => {
  if (findProgram(BALANCERS[id].program) === undefined) return;
  const starting = startBalancer({ id, tuning: 'stock' }, { ...(await site()), nodes: [{ host: 'a b', port: 1 }] });
  await expect(starting).rejects.toMatchObject({
    code: 'balancer-not-ready',
    message: expect.stringMatching(/balancer\/\w+-stock\.\w+ is refused: .*; mend that file$/) as string,
  });
});

// nginx would try for some seconds.
test('a port that is taken is one line, with its own words', there('haproxy'), async () => {
  const id = 'haproxy';
  const node = await openNode(1);
  const { port } = targetOf(node);
  const starting = startBalancer({ id, tuning: 'stock' }, { ...(await site()), nodes: [targetOf(node)], port });
  await expect(starting).rejects.toMatchObject({
    code: 'process-died',
    message: expect.stringMatching(/ended by itself with exit code 1: .*Address already in use/i) as string,
  });
});

const STARTER = `
const { startBalancer } = await import(process.argv[1]);
const { Guard } = await import(process.argv[2]);
const host = { address: '127.0.0.1', enter: [] };
const place = { host, cores: [], scratch: process.argv[4], guard: new Guard(), cleanup: new AsyncDisposableStack() };
const nodes = [{ host: '127.0.0.1', port: 9 }];
const { child } = await startBalancer({ id: process.argv[3], tuning: 'stock' }, { ...place, nodes });
console.log(child.pid);
setInterval(() => {}, 1000);`;

test.each(BALANCER_IDS)('%s ends, with all that it has started, when who started it is killed', async (id) => {
  if (findProgram(BALANCERS[id].program) === undefined) return;
  const { scratch } = await site();
  const modules = ['./balancer.ts', '../machine/guard.ts'].map((name) => new URL(name, import.meta.url).href);
  const starter = spawn(process.execPath, ['--input-type=module', '-e', STARTER, ...modules, id, scratch], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(starter.stdout), 'line')) as [string];
  const family = groupOf(Number(line));
  expect(family).toContain(Number(line));
  starter.kill('SIGKILL');
  await expect.poll(() => family.filter(isThere), { timeout: 5000 }).toEqual([]);
});

test('a variant without a balancer has none, and one that is not told otherwise is tuned', () => {
  expect(balancerOf({})).toBeUndefined();
  expect(balancerOf({ balancer: 'nginx' })).toEqual({ id: 'nginx', tuning: 'tuned' });
  expect(balancerOf({ balancer: 'haproxy', tuning: 'stock' })).toEqual({ id: 'haproxy', tuning: 'stock' });
});
