import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';
import { numbers, subscribe } from '../testing/test-subscriber.ts';

/** The door, asked by the library's own client, and by whoever does not keep to the protocol. */

let node: TestNode;

beforeAll(async () => {
  node = await openTestNode({ transport: 'socketio', values: { shape: 'upgrade' } });
  for (const index of numbers(1, 3)) await node.append({ index });
});

afterAll(async () => {
  await node.close();
});

const WAYS = ['websocket', 'polling', 'polling, then websocket'];

function open(options: object): Socket {
  return io(`http://127.0.0.1:${node.port}`, { forceNew: true, reconnection: false, ...options });
}

async function seqs(client: Socket, count: number): Promise<number[]> {
  const had: number[] = [];
  const whole = Promise.withResolvers<void>();
  client.on('connect_error', (error) => whole.reject(error));
  client.on('m', ({ seq }: { seq: number }) => {
    had.push(seq);
    if (had.length === count) whole.resolve();
  });
  await whole.promise;
  client.close();
  return had;
}

test.each(WAYS)('the client of the library hears the feed, and resumes: %s', async (way) => {
  const transports = way.split(', then ');
  expect(await seqs(open({ transports, query: { since: '1' } }), 2)).toEqual([2, 3]);
  expect(await seqs(open({ transports, auth: { since: 2 } }), 1)).toEqual([3]);
});

test('a since that is no number is refused, wherever it stands', async () => {
  await expect(seqs(open({ transports: ['websocket'], auth: { since: 'soon' } }), 1)).rejects.toThrow('since must be');
  const answer = await fetch(`http://127.0.0.1:${node.port}/socket.io/?EIO=4&transport=polling&since=soon`);
  expect(answer.status).toBe(400);
});

test.each(['{"a":1.0}', '{"b":1,"1":2}', '12345678901234567890', '"\\u00e9"'])(
  'what the library would write in another way arrives as it was: %s',
  async (data) => {
    await using other = await openTestNode({ transport: 'socketio' });
    const subscriber = await subscribe({ transport: 'socketio', port: other.port, values: { shape: 'polling' } });
    await other.appendBody(encodeBody(1, 2, data));
    await subscriber.untilSeq(1);
    expect(subscriber.intact).toBe(true);
    subscriber.close();
  },
);

describe('whoever breaks the protocol', () => {
  const path = (query: string): string => `http://127.0.0.1:${node.port}/socket.io/?EIO=4&${query}`;

  async function handshake(): Promise<string> {
    const answer = await fetch(path('transport=polling'));
    const { sid } = JSON.parse((await answer.text()).slice(1)) as { sid: string };
    return sid;
  }

  test.each([
    ['an unknown session', 'transport=polling&sid=nobody', 1],
    ['an unknown transport', 'transport=pigeon', 0],
    ['a WebSocket without an upgrade', 'transport=websocket', 3],
  ])('%s is answered 400 with its code', async (_what, query, code) => {
    const answer = await fetch(path(query));
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code })]);
  });

  test('a body beyond 64 KiB is answered 413, however long it is', async () => {
    const sid = await handshake();
    const answer = await fetch(path(`transport=polling&sid=${sid}`), { method: 'POST', body: 'x'.repeat(70_000) });
    expect(answer.status).toBe(413);
  });

  test.each([2, 20_000])('%i CONNECTs in one body end the session, and make no client', async (count) => {
    const sid = await handshake();
    const body = Array.from({ length: count }, () => '40').join('\u001e');
    await fetch(path(`transport=polling&sid=${sid}`), { method: 'POST', body }).catch(() => undefined);
    const after = await fetch(path(`transport=polling&sid=${sid}`));
    expect([after.status, await after.json()]).toEqual([400, expect.objectContaining({ code: 1 })]);
  });

  test('two polls at once end the session', async () => {
    const sid = await handshake();
    const both = await Promise.allSettled([1, 2].map(async () => fetch(path(`transport=polling&sid=${sid}`))));
    expect(both.map((one) => (one.status === 'fulfilled' ? one.value.status : 0))).toContain(400);
    const after = await fetch(path(`transport=polling&sid=${sid}`));
    expect(await after.json()).toMatchObject({ code: 1 });
  });

  test.each(['2', '42["m",1]', '9', '4', '40{', 'x'.repeat(70_000)])(
    'a WebSocket that begins with %s is closed, and others are not disturbed',
    async (packet) => {
      const subscriber = await subscribe({ transport: 'socketio', port: node.port });
      const client = new WebSocket(path('transport=websocket').replace('http', 'ws'));
      client.on('error', () => undefined);
      await once(client, 'message');
      client.send(packet);
      await once(client, 'close');
      await node.append('still there');
      await subscriber.untilSeq(node.appended);
      expect(subscriber.lostReason).toBeUndefined();
      subscriber.close();
    },
  );
});
