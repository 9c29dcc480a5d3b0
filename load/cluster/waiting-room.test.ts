import { expect, test } from 'vitest';
import { WaitingRoom } from './waiting-room.ts';

const HOSTS = ['10.0.0.1:80'];
const join = (clients: number, transport = 'websocket') => ({ transport, clients, hosts: HOSTS });

function openRoom(clients: number): WaitingRoom {
  return new WaitingRoom(clients, (transport) => (transport === 'sse' ? 'there is no script for it' : undefined));
}

test('it is full when all clients are there, and empty when all k6 have said that they are done', async () => {
  const room = openRoom(5);
  expect(room.admit(join(3))).toEqual({ instance: 1 });
  expect(room.present).toBe(3);
  expect(room.admit(join(2))).toEqual({ instance: 2 });
  await room.full;
  room.part(2);
  expect(room.staying.map(({ instance }) => instance)).toEqual([1]);
  room.part(1);
  await room.empty;
});

test.each([
  ['more clients than are missing', join(3), /plays 3 clients, and 2 of 5 are missing.*--execution-segment/],
  ['no client', join(0), /plays no client/],
  ['another script', join(2, 'polling'), /the others run the script for websocket/],
])('who plays %s is not let in, and told why', (_, request, says) => {
  const room = openRoom(5);
  room.admit(join(3));
  expect(room.admit(request)).toEqual({ refusal: expect.stringMatching(says) as string });
  expect(room.present).toBe(3);
});

test('a transport that no script follows is refused with the reason', () => {
  expect(openRoom(5).admit(join(5, 'sse'))).toEqual({ refusal: 'there is no script for it' });
});
