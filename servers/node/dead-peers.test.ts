import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DeadPeers } from './dead-peers.ts';
import type { UnansweredPeer } from './tcp-table.ts';

const HEARTBEAT_MS = 1000;
const PLACE: AddressInfo = { address: '127.0.0.1', family: 'IPv4', port: 1 };

beforeEach(() => void vi.useFakeTimers({ toFake: ['hrtime'] }));
afterEach(() => void vi.useRealTimers());

interface Stand extends AsyncDisposable {
  /** The server's ends of connections. */
  readonly sockets: ReadonlySet<Socket>;
  readonly deadPeers: DeadPeers;
  /** Looks, after so many milliseconds, when so many times in a row something was sent again to each, as told by position. */
  look(afterMs: number, times: readonly number[]): Promise<number>;
}

async function openStand(connections: number): Promise<Stand> {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const place = server.address() as AddressInfo;
  const sockets = new Set<Socket>();
  for (let index = 0; index < connections; index++) {
    const client = connect(place.port, '127.0.0.1').on('error', () => undefined);
    const [socket] = (await once(server, 'connection')) as [Socket];
    sockets.add(socket);
    void once(socket, 'close').then(() => client.destroy());
  }
  let told: readonly UnansweredPeer[] = [];
  const deadPeers = new DeadPeers(sockets, HEARTBEAT_MS, async () => told);
  const ends = [...sockets];
  return {
    sockets,
    deadPeers,
    look: async (afterMs, times) => {
      vi.advanceTimersByTime(afterMs);
      told = times.flatMap((count, index) => {
        const { remoteAddress: address = '', remotePort = 0 } = ends[index] ?? {};
        return count === 0 ? [] : [{ address, port: remotePort, times: count }];
      });
      await deadPeers.look(place);
      return ends.filter(({ destroyed }) => !destroyed).length;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of ends) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('who answers nothing for a whole heartbeat is ended, and nobody else', async () => {
  await using stand = await openStand(3);
  expect(await stand.look(250, [0, 1, 0])).toBe(3);
  for (const times of [2, 3, 3]) expect(await stand.look(250, [0, times, 0])).toBe(3);
  expect(await stand.look(249, [0, 3, 0])).toBe(3);
  expect(await stand.look(1, [0, 4, 0])).toBe(2);
});

test('an answer in between begins it anew', async () => {
  await using stand = await openStand(2);
  for (const times of [4, 5, 1, 2, 3]) expect(await stand.look(300, [times, times])).toBe(2);
  expect(await stand.look(300, [0, 3])).toBe(2);
  expect(await stand.look(300, [4, 4])).toBe(1);
  expect(await stand.look(400, [5, 0])).toBe(1);
});

test('who looks after a pause of its own judges nobody by what was before it', async () => {
  await using stand = await openStand(1);
  expect(await stand.look(0, [1])).toBe(1);
  expect(await stand.look(60_000, [1])).toBe(1);
  expect(await stand.look(400, [2])).toBe(1);
  expect(await stand.look(400, [3])).toBe(1);
  expect(await stand.look(400, [4])).toBe(0);
});

test('where the system tells nothing it is not asked again', async () => {
  await using stand = await openStand(1);
  const blind = new DeadPeers(stand.sockets, HEARTBEAT_MS, async () => undefined);
  expect(await blind.look(PLACE)).toBe(false);
  expect(await stand.deadPeers.look(PLACE)).toBe(true);
});
