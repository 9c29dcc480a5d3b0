import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Host } from './host.ts';
import { NO_LINK } from '../../scenarios/path/links.ts';
import { openNetwork, parseActiveOpens, parseInterface, wireBytesBetween, withoutNetwork } from './network.ts';

const execute = promisify(execFile);

test('reads one interface of /proc/net/dev', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     120       2    0    0    0     0          0         0      130       3    0    0    0     0       0          0
fb-client: 4000      40    0    0    0     0          0         0      700       7    0    0    0     0       0          0
`;
  expect(parseInterface(text, 'fb-client')).toEqual({
    receivedBytes: 4000,
    receivedPackets: 40,
    sentBytes: 700,
    sentPackets: 7,
  });
  expect(parseInterface(text, 'eth0')).toBeUndefined();
});

test('reads how many connections a host has opened, whatever else the system counts', () => {
  const tcp = 'Tcp: RtoAlgorithm MaxConn ActiveOpens PassiveOpens\nTcp: 1 -1 17 4\n';
  expect(parseActiveOpens(`Ip: Forwarding ActiveOpens\nIp: 1 9\n${tcp}Udp: InDatagrams\nUdp: 0\n`)).toBe(17);
  expect(() => parseActiveOpens('Ip: Forwarding\nIp: 1\n')).toThrow('does not tell');
});

const SERVER = `
const server = require('node:net').createServer((socket) => socket.end(Buffer.alloc(14480)));
server.listen(7000, process.argv[1], () => console.log('listening'));`;
const CLIENT = `
const socket = require('node:net').connect(7000, process.argv[1], () => socket.end());
socket.resume();`;

const RELAY = `
const { connect, createServer } = require('node:net');
const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(connect(7000, process.argv[2])).pipe(socket));
server.listen(7000, process.argv[1], () => console.log('listening'));`;

function on(host: Host, program: string, ...addresses: string[]): [string, string[]] {
  const [first = '', ...rest] = [...host.enter, process.execPath, '-e', program, ...addresses];
  return [first, rest];
}

test('two hosts of their own, on whose wire every byte is counted', async (context) => {
  await using network = await openNetwork();
  const { readWire, serverHost, clientHost } = network;
  context.skip(readWire === undefined, network.note);
  if (readWire === undefined) return;
  const server = spawn(...on(serverHost, SERVER, serverHost.address), { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(server.stdout, 'data');
    const before = readWire();
    await execute(...on(clientHost, CLIENT, serverHost.address));
    const after = readWire();
    const packetsDown = after.packetsDown - before.packetsDown;
    // Ten full segments, SYN-ACK (which has 8 bytes more of options), FIN, and an ACK or two without data; ARP once each way.
    expect(packetsDown).toBeGreaterThanOrEqual(12);
    expect(packetsDown).toBeLessThanOrEqual(15);
    expect(Math.abs(after.bytesDown - before.bytesDown - 14_480 - 66 * packetsDown)).toBeLessThanOrEqual(40);
    expect(after.backplaneBytes).toBe(before.backplaneBytes);
  } finally {
    server.kill('SIGKILL');
  }
});

test('with a host between, what goes on behind it is told apart from the wire and from the backplane', async (context) => {
  await using network = await openNetwork({ hasEdge: true });
  const { readWire, readUpstream, serverHost, edgeHost, clientHost, link } = network;
  context.skip(readWire === undefined, network.note);
  if (readWire === undefined || readUpstream === undefined || link === undefined) throw new Error('it has all of them');
  const server = spawn(...on(serverHost, SERVER, serverHost.address), { stdio: ['ignore', 'pipe', 'inherit'] });
  const relay = spawn(...on(edgeHost, RELAY, edgeHost.address, serverHost.address), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await Promise.all([once(server.stdout, 'data'), once(relay.stdout, 'data')]);
    const before = { wire: readWire(), upstream: readUpstream() };
    await execute(...on(clientHost, CLIENT, edgeHost.address));
    await execute(...on(clientHost, CLIENT, edgeHost.address));
    const after = { wire: readWire(), upstream: readUpstream() };
    const down = after.wire.bytesDown - before.wire.bytesDown;
    const upstreamDown = after.upstream.bytesDown - before.upstream.bytesDown;
    expect(down).toBeGreaterThan(2 * 14_480);
    expect(down).toBeLessThan(2 * 14_480 + 4000);
    expect(upstreamDown).toBeGreaterThan(2 * 14_480);
    expect(upstreamDown).toBeLessThan(2 * 14_480 + 4000);
    expect(after.upstream.connections - before.upstream.connections).toBe(2);
    expect(after.wire.backplaneBytes).toBe(before.wire.backplaneBytes);
    // Clients cannot go round it.
    await expect(execute(...on(clientHost, CLIENT, serverHost.address))).rejects.toThrow('ENETUNREACH');
    // What is cut is the link of the clients, and no other.
    await link.cut();
    await execute(...on(edgeHost, CLIENT, serverHost.address));
    await link.mend();
    await execute(...on(clientHost, CLIENT, edgeHost.address));
  } finally {
    server.kill('SIGKILL');
    relay.kill('SIGKILL');
  }
});

test('nothing of a network is left when it is closed', async (context) => {
  const network = await openNetwork();
  const { enter } = network.clientHost;
  await network[Symbol.asyncDispose]();
  context.skip(enter.length === 0, network.note);
  const [program, ...parameters] = [...enter, 'true'];
  await expect(execute(program, parameters)).rejects.toThrow(/No such file|nsenter/);
});

test('what crossed the wire between two readings is what went either way, of bytes alone', () => {
  const before = { bytesDown: 1000, bytesUp: 200, packetsDown: 9, packetsUp: 8, backplaneBytes: 70 };
  const after = { bytesDown: 1500, bytesUp: 230, packetsDown: 90, packetsUp: 80, backplaneBytes: 700 };
  expect(wireBytesBetween(before, after)).toBe(530);
  expect(wireBytesBetween(before, before)).toBe(0);
  expect(wireBytesBetween(undefined, after)).toBeNull();
  expect(wireBytesBetween(before, undefined)).toBeNull();
});

test('a link that cannot be made is an error, not a network without it', () => {
  const order = { link: { ...NO_LINK, loss: 0.01 }, seed: 1, onTrouble: () => undefined };
  expect(() => withoutNetwork('unshare is not installed', order)).toThrow(
    expect.objectContaining({
      code: 'link-unavailable',
      message: expect.stringContaining('unshare is not installed') as unknown,
    }) as Error,
  );
  expect(withoutNetwork('unshare is not installed').note).toBe('no private network: unshare is not installed');
});
