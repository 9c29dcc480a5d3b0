import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { needs } from '../../scenarios/testing/conditions.ts';
import { unansweredIn, unansweredPeers } from './tcp-table.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';

/** As Linux 6.18 writes it; port 3001 is 0BB9. */
function line(number: number, addresses: string, { again = '00000000', probes = 0 }): string {
  return `${String(number).padStart(4)}: ${addresses} 01 00000050:00000000 01:0000001E ${again}  1000        ${probes} 151${number} 2 0000000077227b19 25 4 30 10 -1\n`;
}

test('peers that do not answer are told from the others, at one port', () => {
  const table = [
    HEAD,
    line(0, '00000000:0BB9 00000000:0000', {}),
    line(1, '020012C6:0BB9 010012C6:D2F0', { again: '00000003' }),
    line(2, '020012C6:0BB9 010012C6:D2F1', {}),
    line(3, '020012C6:0BBA 010012C6:0BB9', { again: '00000003' }),
    line(4, '020012C6:0BB9 010012C6:0BB9', { probes: 2 }),
    line(12_345, '020012C6:0BB9 010012C6:FFFF', { again: '0000000A', probes: 1 }),
    'not a line of it\n',
  ];
  expect(unansweredIn(table.join(''), 0xbb9)).toEqual([
    { address: '198.18.0.1', port: 0xd2f0, times: 3 },
    { address: '198.18.0.1', port: 0xbb9, times: 2 },
    { address: '198.18.0.1', port: 0xffff, times: 11 },
  ]);
});

test.each([
  ['00000000000000000000000001000000', '::1'],
  ['0000000000000000FFFF00000100007F', '::ffff:127.0.0.1'],
  ['B80D0120000000000000000001000000', '2001:db8::1'],
])('the address %s is %s', (hexadecimal, address) => {
  const addresses = `00000000000000000000000001000000:0BB9 ${hexadecimal}:0050`;
  expect(unansweredIn(line(0, addresses, { again: '00000001' }), 0xbb9)).toEqual([{ address, port: 80, times: 1 }]);
});

test('a peer that answers is none of them', needs(existsSync('/proc/net/tcp'), 'this is no Linux'), async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const place = server.address() as AddressInfo;
  const clients = Array.from({ length: 50 }, () => connect(place.port, '127.0.0.1').pause());
  await Promise.all(clients.map(async (client) => once(client, 'connect')));
  expect(await unansweredPeers(place)).toEqual([]);
  for (const client of clients) client.destroy();
  server.close();
});
