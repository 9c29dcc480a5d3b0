import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askPresence, presencePatienceNs } from './presence.ts';

const PATIENCE_NS = 5e9;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A node that says what `answer` has for each request in turn. */
async function openNode(
  answer: (count: number, request: IncomingMessage) => string,
): Promise<{ host: string; port: number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    response.end(answer(count, request));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const online = (...users: string[]): string => JSON.stringify({ seq: 3, users });

test('a node that says who is connected is right, whatever the order', async () => {
  const target = await openNode(() => online('ben', 'ann'));
  const [seen] = await askPresence({ targets: [target], users: ['ann', 'ben'], patienceNs: PATIENCE_NS });
  expect(seen).toMatchObject({ missing: 0, strangers: 0 });
});

test('a node may take its time to be right', async () => {
  const target = await openNode((count) => (count < 4 ? online('ann', 'cat') : online('ann', 'ben')));
  const [seen] = await askPresence({ targets: [target], users: ['ann', 'ben'], patienceNs: PATIENCE_NS });
  expect(seen).toMatchObject({ missing: 0, strangers: 0 });
  expect(seen?.afterNs).toBeGreaterThan(100e6);
});

test('where some are gone for good, a node has the time in which it may notice them', () => {
  expect(presencePatienceNs(0, 10_000)).toBe(5e9);
  expect(presencePatienceNs(1, 10_000)).toBe(15e9);
});

test('what it says last counts: who is missing, and who is not there', async () => {
  const wrong = await openNode(() => online('ann', 'cat', 'dan'));
  const silent = await openNode(() => 'what?');
  const seen = await askPresence({ targets: [wrong, silent], users: ['ann', 'ben'], patienceNs: 0.2e9 });
  expect(seen).toMatchObject([
    { missing: 1, strangers: 2 },
    { missing: 2, strangers: 0 },
  ]);
});

test('a node that is not there says nothing wrong', async () => {
  const there = await openNode(() => online('ann'));
  const gone = { host: '127.0.0.1', port: 1 };
  const seen = await askPresence({ targets: [gone, there], users: ['ann'], patienceNs: PATIENCE_NS });
  expect(seen).toMatchObject([{ node: 1, missing: 0, strangers: 0 }]);
});

test('a token is shown where there is one', async () => {
  const shown: (string | undefined)[] = [];
  const target = await openNode((_, { url, headers }) => {
    shown.push(url, headers.authorization);
    return online();
  });
  await askPresence({ targets: [target], users: [], patienceNs: PATIENCE_NS, token: 'a.b.c' });
  expect(shown).toEqual(['/presence', 'Bearer a.b.c']);
});
