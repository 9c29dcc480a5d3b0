import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { mergeEnds, type SessionEnd } from '../scenarios/session-end.ts';
import { rulesFor } from '../scenarios/tokens.ts';
import { TRANSPORT_IDS, type TransportId, transportRow } from './registry.ts';
import { openTestNode, type TestNode } from './testing/test-node.ts';
import { openTestRelay } from './testing/test-relay.ts';
import { subscribe, type TestSubscriber } from './testing/test-subscriber.ts';
import { openStand } from './websocket/testing/stand.ts';

/** How sessions end at real clients, for each cause, and what is counted of it. */

const tokens = rulesFor(generateKeyPairSync('ed25519').privateKey);

interface Ended {
  /** What a WebSocket is closed with, and Socket.IO says beside its refusal. */
  readonly closeCode: number;
  /** What an answer over HTTP has. */
  readonly status: number;
}

/** By whichever of them the transport has words for it. */
function expectEnd({ end }: TestSubscriber, { closeCode, status }: Ended): void {
  expect([
    { code: 'websocket-close', closeCode },
    { code: 'socketio-packet', packet: 'connect-error', refusalCode: closeCode },
    { code: 'http-status', status },
  ]).toContainEqual(withoutText(end));
}

function withoutText(end: SessionEnd | undefined): unknown {
  return Object.fromEntries(Object.entries(end ?? {}).filter(([name]) => name !== 'text'));
}

async function untilEnded(subscriber: TestSubscriber): Promise<TestSubscriber> {
  await subscriber.until(({ end }) => end !== undefined);
  return subscriber;
}

/** A connection that the node has counted. */
async function occupy({ port }: TestNode): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /health HTTP/1.1\r\nHost: node\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

async function come(node: TestNode, transport: TransportId): Promise<TestSubscriber> {
  return subscribe({ transport, port: node.port });
}

describe.each(TRANSPORT_IDS.map((transport) => ({ transport })))('$transport', ({ transport }) => {
  test('who comes when there is no room is told to come back later, and may when there is', async () => {
    await using node = await openTestNode({ transport, mostConnections: 1 });
    const socket = await occupy(node);
    const refused = [await untilEnded(await come(node, transport)), await untilEnded(await come(node, transport))];
    for (const one of refused) expectEnd(one, { closeCode: 1013, status: 503 });
    // Both ended by one cause, and are counted so.
    expect(mergeEnds(refused.flatMap(({ end }) => (end === undefined ? [] : [{ end, count: 1 }])))).toMatchObject([
      { count: 2 },
    ]);
    socket.destroy();
    let last: TestSubscriber | undefined;
    await expect
      .poll(async () => {
        last = await come(node, transport);
        return last.openings;
      })
      .toBe(1);
    last?.close();
  });

  test('the channel of another user, a token that is none, and none at all', async () => {
    await using open = await openTestNode({ transport });
    const member = { user: 'ann', channels: ['user:ben'] };
    const stranger = await untilEnded(await subscribe({ transport, port: open.port, member }));
    expectEnd(stranger, { closeCode: 1008, status: 403 });
    await using wanting = await openTestNode({ transport, tokens, authMs: 100 });
    const wrong = { user: 'ann', channels: [], token: 'a.b.c' };
    const values = { auth: 'url' } as const;
    expectEnd(await untilEnded(await subscribe({ transport, port: wanting.port, member: wrong, values })), {
      closeCode: 4001,
      status: 401,
    });
    expectEnd(await untilEnded(await come(wanting, transport)), { closeCode: 4002, status: 401 });
  });

  test.each(['for-good', 'restart'] as const)('a node that goes says goodbye: %s', async (departure) => {
    await using node = await openTestNode({ transport });
    const subscriber = await come(node, transport);
    expect(subscriber.openings).toBe(1);
    await node.close(departure);
    await untilEnded(subscriber);
    const goodbyes = transportRow(transport).goodbye.map((way) =>
      way.code === 'websocket-close' && way.closeCode === 1001 && departure === 'restart'
        ? { ...way, closeCode: 1012 }
        : way,
    );
    expect(goodbyes.map((way) => expect.objectContaining(way) as unknown)).toContainEqual(subscriber.end);
  });

  test('a connection that breaks has no words', async () => {
    await using node = await openTestNode({ transport });
    await using relay = await openTestRelay(node.port);
    const subscriber = await subscribe({ transport, port: relay.port });
    expect(subscriber.openings).toBe(1);
    relay.down();
    await untilEnded(subscriber);
    expect(['connection-closed', 'connection-lost', 'unreachable']).toContain(subscriber.end?.code);
  });
});

test('a fault of the node is 1011 at a client too, and of nobody else', async () => {
  const warned = once(process, 'warning');
  await using stand = await openStand({ wantsTokens: true });
  const of = async (token: string) =>
    subscribe({
      transport: 'websocket',
      port: stand.port,
      member: { user: 'ann', channels: [], token },
      values: { auth: 'url' },
    });
  const other = await of('good:ann');
  const struck = await untilEnded(await of('fault'));
  expect(withoutText(struck.end)).toEqual({ code: 'websocket-close', closeCode: 1011 });
  expect(await warned).toMatchObject([{ message: 'a fault of the verifier' }]);
  expect(other.end).toBeUndefined();
  other.close();
});
