import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { needs } from '../../scenarios/testing/conditions.ts';
import { parseSlabs, socketBytes } from './socket-memory.ts';

const SLABS = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit>
TCPv6                  1     26   2496   13    8 : tunables    0    0    0 : slabdata      2      2      0
TCP                   10    234   2368   13    8 : tunables    0    0    0 : slabdata     18     18      0
eventpoll_epi        100   1344    128   32    1 : tunables    0    0    0 : slabdata     42     42      0
sock_inode_cache      20    627    832   19    4 : tunables    0    0    0 : slabdata     33     33      0
filp                  30   3087    192   21    1 : tunables    0    0    0 : slabdata    147    147      0
dentry            101493 101493    192   21    1 : tunables    0    0    0 : slabdata   4833   4833      0
`;

test('of the caches that sockets live in, objects in use times their size, and a name for each inode', () => {
  expect(parseSlabs(SLABS)).toBe(2496 + 23_680 + 12_800 + 16_640 + 5760 + 20 * 192);
  expect(parseSlabs(SLABS.replace(/^filp.*\n/m, ''))).toBeNull();
  expect(parseSlabs('')).toBeNull();
});

const isTold = needs(socketBytes() !== null, 'only root is told of slabs, on Linux');

test('open connections are in it, both ends', isTold, async () => {
  const before = socketBytes() ?? 0;
  const server = createServer();
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('it listens at a port');
  const sockets = Array.from({ length: 200 }, () => connect(address.port, '127.0.0.1'));
  await Promise.all(sockets.map(async (socket) => once(socket, 'connect')));
  while (accepted.length < sockets.length) await once(server, 'connection');
  // A socket of TCP alone has more than 2 kB; others on the machine come and go meanwhile.
  expect((socketBytes() ?? 0) - before).toBeGreaterThan(200 * 2 * 2000);
  for (const socket of [...sockets, ...accepted]) socket.destroy();
  server.close();
});
