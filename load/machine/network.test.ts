import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Host, openNetwork, parseInterface, wireBytesBetween } from './network.ts';

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

const SERVER = `
const server = require('node:net').createServer((socket) => socket.end(Buffer.alloc(14480)));
server.listen(7000, process.argv[1], () => console.log('listening'));`;
const CLIENT = `
const socket = require('node:net').connect(7000, process.argv[1], () => socket.end());
socket.resume();`;

function on(host: Host, program: string, address: string): [string, string[]] {
  const [first, ...rest] = [...host.enter, process.execPath, '-e', program, address];
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
