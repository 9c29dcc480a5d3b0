import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { DimensionValues, ValueOf } from '../../scenarios/dimensions.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { newTokenIssuer } from '../../scenarios/tokens.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { subscribe, type TestSubscriber } from '../testing/test-subscriber.ts';

/** Who is let in by a token, wherever it stands, and what becomes of those who have none that is good. */

const issuer = newTokenIssuer();
const SHAPES: readonly ValueOf<'shape'>[] = ['websocket', 'polling', 'upgrade'];
const PLACES: readonly ValueOf<'auth'>[] = ['url', 'message', 'header', 'cookie'];
const ways = SHAPES.flatMap((shape) => PLACES.map((auth) => ({ shape, auth })));

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

async function open(values: DimensionValues, options: object = {}): Promise<TestNode> {
  return openTestNode({ transport: 'socketio', values, tokens: issuer.rules, ...options });
}

async function come({ port }: TestNode, values: DimensionValues, token?: string): Promise<TestSubscriber> {
  const member = { user: 'ann', channels: ['room:1'], ...(token !== undefined && { token }) };
  return subscribe({ transport: 'socketio', port, values, member });
}

test.each(ways)('by $shape, the token by $auth', async (values) => {
  await using node = await open(values);
  const client = await come(node, values, await issuer.issue('ann', inSeconds(60)));
  await client.until(({ signals }) => signals.length === 2);
  expect(client.signals).toMatchObject([
    { signal: 'auth_success', user: 'ann' },
    { signal: 'welcome', user: 'ann' },
  ]);
  client.close();
  const wrong = await come(node, values, 'a.b.c');
  expect(wrong.end).toEqual({
    code: 'socketio-packet',
    packet: 'connect-error',
    refusalCode: 4001,
    text: 'the token is not good here',
  });
  const none = await come(node, values);
  expect(none.end).toMatchObject({ packet: 'connect-error', refusalCode: 4002 });
  expect(none.openings + wrong.openings).toBe(0);
});

// They wait for the same second.
test.concurrent.each(SHAPES)(
  'whose token expires is disconnected, and does not come back with it: %s',
  REAL_TIME,
  async (shape) => {
    const values = { shape, auth: 'message' } as const;
    await using node = await open(values);
    const token = await issuer.issue('ann', inSeconds(2));
    const client = await come(node, values, token);
    expect(client.end).toBeUndefined();
    await client.until(({ end }) => end !== undefined);
    expect(client.end).toEqual({ code: 'socketio-packet', packet: 'disconnect' });
    expect((await come(node, values, token)).end).toMatchObject({
      packet: 'connect-error',
      refusalCode: 4001,
      text: 'the token has expired',
    });
  },
);

test.concurrent.each<DimensionValues>([{ recovery: 'library' }, { recovery: 'library', shape: 'polling' }])(
  'the door that leaves delivery to the library wants it too: %j',
  REAL_TIME,
  async (form) => {
    const values = { ...form, auth: 'header' } as const;
    await using node = await open(values);
    const nobody = await subscribe({ transport: 'socketio', port: node.port, values });
    expect(nobody.end).toMatchObject({ packet: 'connect-error', refusalCode: 4002 });
    const member = { user: 'ann', channels: ['feed'], token: await issuer.issue('ann', inSeconds(2)) };
    const ann = await subscribe({ transport: 'socketio', port: node.port, values, member });
    await node.append('for ann');
    await ann.untilSeq(1);
    await ann.until(({ end }) => end !== undefined);
    expect(ann.end).toMatchObject({ packet: 'disconnect' });
  },
);

test('before it is let in a client hears nothing and is not asked for long', async () => {
  await using node = await open({}, { authMs: 100 });
  await node.append('secret');
  const client = new WebSocket(`ws://127.0.0.1:${node.port}/socket.io/?EIO=4&transport=websocket`);
  const frames: string[] = [];
  client.on('message', (frame: Buffer) => {
    frames.push(frame.toString());
    if (frames.length === 1) client.send('40');
  });
  await once(client, 'close');
  expect(frames.slice(1)).toEqual([
    '44{"message":"say who you are first: this node wants a token","data":{"code":4002}}',
  ]);
});

test('a client of the library says it as its users do', async () => {
  await using node = await open({});
  const auth = { token: await issuer.issue('ann', inSeconds(60)), channels: 'room:1' };
  const client: Socket = io(`http://127.0.0.1:${node.port}`, { auth, transports: ['websocket'], forceNew: true });
  await new Promise<void>((resolve) => {
    client.once('connect', resolve);
  });
  expect(await client.emitWithAck('command', { type: 'send', channel: 'room:1', data: 1 })).toMatchObject({ seq: 2 });
  client.close();
});
