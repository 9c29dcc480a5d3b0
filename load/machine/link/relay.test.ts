import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Failure } from '../../../scenarios/failures.ts';
import { type Link, NO_LINK } from '../../../scenarios/path/links.ts';
import type { Host } from '../host.ts';
import { type Network, openNetwork } from '../network.ts';

const execute = promisify(execFile);

const SERVER = `
const server = require('node:net').createServer((socket) => socket.end(Buffer.alloc(14480)));
server.listen(7000, process.argv[1], () => console.log('listening'));`;
/** Times a connect, and reads what comes until the end. */
const CLIENT = `
const startNs = process.hrtime.bigint();
const socket = require('node:net').connect(7000, process.argv[1], () => {
  const connectNs = Number(process.hrtime.bigint() - startNs);
  socket.on('data', () => undefined);
  socket.on('end', () => { socket.end(); console.log(JSON.stringify({ connectNs, allNs: Number(process.hrtime.bigint() - startNs) })); });
});`;

function on(host: Host, program: string, address: string): [string, string[]] {
  const [first, ...rest] = [...host.enter, process.execPath, '-e', program, address];
  return [first, rest];
}

type Opened =
  | { readonly network: Network; readonly reason?: string }
  | { readonly network?: never; readonly reason: string };

/** The network, or why this machine makes none with a link. */
async function open(link: Partial<Link>): Promise<Opened> {
  try {
    const order = { link: { ...NO_LINK, ...link }, seed: 1, onTrouble: (error: Error) => expect.fail(error.message) };
    return { network: await openNetwork({ order }) };
  } catch (error) {
    if (error instanceof Failure && error.code === 'link-unavailable') return { reason: error.message };
    throw error;
  }
}

async function transfer({ serverHost, clientHost }: Network): Promise<{ connectNs: number; allNs: number }> {
  const server = spawn(...on(serverHost, SERVER, serverHost.address), { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(server.stdout, 'data');
    const { stdout } = await execute(...on(clientHost, CLIENT, serverHost.address));
    return JSON.parse(stdout) as { connectNs: number; allNs: number };
  } finally {
    server.kill('SIGKILL');
  }
}

test('packets take the delay each way, and every byte is counted as on a wire', async (context) => {
  const opened = await open({ delayNs: 30e6 });
  context.skip(opened.network === undefined, opened.reason);
  if (opened.network === undefined) return;
  await using network = opened.network;
  await network.madeLink?.begin();
  const before = network.readWire?.();
  const { connectNs, allNs } = await transfer(network);
  const after = network.readWire?.();
  expect(connectNs).toBeGreaterThan(60e6);
  // Ten segments are the first window of TCP: they come half a round trip after the connect that ends with them.
  expect(allNs).toBeGreaterThan(90e6);
  if (before === undefined || after === undefined) throw new Error('nothing was counted');
  const packetsDown = after.packetsDown - before.packetsDown;
  // Ten full segments, SYN-ACK (8 bytes more of options), FIN, and an ACK or two; nobody asks who the other is.
  expect(packetsDown).toBeGreaterThanOrEqual(12);
  expect(packetsDown).toBeLessThanOrEqual(15);
  expect(after.bytesDown - before.bytesDown).toBe(14_480 + 66 * packetsDown + 8);
  const carried = await network.madeLink?.carried();
  expect(carried).toMatchObject({ failed: 0, down: { lost: 0, dropped: 0 }, up: { lost: 0, dropped: 0 } });
  expect(carried?.down.bytes).toBeGreaterThanOrEqual(after.bytesDown - before.bytesDown);
});

test('a slow line takes its time, and what is lost is sent again by TCP', async (context) => {
  const opened = await open({ bitsPerSecondDown: 1e6, bitsPerSecondUp: 1e6, loss: 0.1 });
  context.skip(opened.network === undefined, opened.reason);
  if (opened.network === undefined) return;
  await using network = opened.network;
  let lost = 0;
  for (let round = 0; round < 10 && lost === 0; round++) {
    const { allNs } = await transfer(network);
    // 14,480 bytes and the headers of ten segments: 121 ms at 1 Mbit/s.
    expect(allNs).toBeGreaterThan(115e6);
    lost = (await network.madeLink?.carried())?.down.lost ?? 0;
  }
  expect(lost).toBeGreaterThan(0);
});

test('a link that is cut loses everything until it is mended', async (context) => {
  const opened = await open({ delayNs: 1e6 });
  context.skip(opened.network === undefined, opened.reason);
  if (opened.network === undefined) return;
  await using network = opened.network;
  await network.link?.cut();
  const [program, parameters] = on(network.clientHost, CLIENT, network.serverHost.address);
  await expect(execute(program, parameters, { timeout: 300 })).rejects.toMatchObject({ killed: true });
  await network.link?.mend();
  expect((await transfer(network)).connectNs).toBeGreaterThan(2e6);
});
