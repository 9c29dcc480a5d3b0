import { once } from 'node:events';
import { EventSource } from 'eventsource';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { numbers } from '../testing/test-subscriber.ts';
import { ask, GET, openDoor, RawConnection, readUntil, url } from './testing/seen-door.ts';

/** The door as clients see it that share no code with it. */

describe('EventSource', () => {
  test('has every message with its number as id, and goes on after the last one', REAL_TIME, async () => {
    await using node = await openDoor();
    await using relay = await openTestRelay(node.port);
    const asked: (string | null)[] = [];
    const source = new EventSource(url(relay, '?since=1'), {
      fetch: async (input, init) => {
        asked.push(new Headers(init.headers).get('last-event-id'));
        return fetch(input, init);
      },
    });
    const heard: [string, number][] = [];
    const heardAll = Promise.withResolvers<undefined>();
    source.addEventListener('message', ({ data, lastEventId }: { data: string; lastEventId: string }) => {
      heard.push([lastEventId, (JSON.parse(data) as { seq: number }).seq]);
      if (heard.length === 4) relay.cut();
      if (heard.length === 9) heardAll.resolve(undefined);
    });
    for (let index = 0; index < 5; index++) await node.append({ index });
    await once(source, 'error');
    for (let index = 5; index < 10; index++) await node.append({ index });
    await heardAll.promise;
    source.close();
    expect(heard).toEqual(numbers(2, 10).map((seq) => [String(seq), seq]));
    expect(asked).toEqual([null, '5']);
  });

  test('is told to come back where a stream ends, by no status that it gives up at', async () => {
    const node = await openDoor();
    const source = new EventSource(url(node));
    await once(source, 'open');
    const ended = once(source, 'error');
    await node.close();
    await ended;
    expect(source.readyState).toBe(source.CONNECTING);
    source.close();
  });
});

describe('where a client goes on', () => {
  test('is what its header says before what its query says', async () => {
    await using node = await openDoor();
    for (let index = 0; index < 5; index++) await node.append({ index });
    const first = async (headers: Record<string, string>, query: string): Promise<string | undefined> =>
      /^id: (\d+)$/m.exec(await readUntil(await ask(node, headers, query), /^id: \d+\n/m))?.[1];
    expect(await first({ 'Last-Event-ID': '3' }, '?since=1')).toBe('4');
    expect(await first({ 'Last-Event-ID': '1' }, '?since=3')).toBe('2');
    expect(await first({ 'Last-Event-ID': '2' }, '')).toBe('3');
    expect(await first({ 'Last-Event-ID': '' }, '?since=2')).toBe('3');
    expect(await first({}, '?since=4')).toBe('5');
  });

  test.each([
    ['?since=soon', {}],
    ['?since=', {}],
    ['?since=1&since=2', {}],
    ['?since=-1', { 'Last-Event-ID': '5' }],
    ['?since=1', { 'Last-Event-ID': 'soon' }],
    ['', { 'Last-Event-ID': '1, 2' }],
    ['', { 'Last-Event-ID': '1e3' }],
  ])('is 400 in %s with %o', async (query, headers: Record<string, string>) => {
    await using node = await openDoor();
    const answer = await ask(node, headers, query);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining('since=17') as unknown });
  });

  test('after a notice is where the feed goes on', async () => {
    await using node = await openDoor({ logMessages: 3 });
    for (let index = 0; index < 8; index++) await node.append({ index });
    expect(await readUntil(await ask(node, {}), '"seq":8')).toMatch(
      /^id: 5\ndata: {"notice":"gap","from":1,"to":5}\n\nid: 6\ndata: {"seq":6,/,
    );
    expect(await readUntil(await ask(node, { 'Last-Event-ID': '99' }), '\n\n')).toBe(
      'id: 8\ndata: {"notice":"reset","latest":8}\n\n',
    );
  });

  test('is the beginning after the reset of a feed that has none yet', async () => {
    await using node = await openDoor();
    expect(await readUntil(await ask(node, { 'Last-Event-ID': '99' }), '\n\n')).toMatch(/^id: 0\n/);
  });
});

describe('the answer', () => {
  test('says that nobody may keep it, or hold it back', async () => {
    await using node = await openDoor();
    const answer = await ask(node, {});
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    await answer.body?.cancel();
  });

  test('to HEAD is its head', async () => {
    await using node = await openDoor();
    await node.append('first');
    const answer = await fetch(url(node), { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/event-stream',
      '',
    ]);
  });

  test('to HTTP/1.0 has no chunks', async () => {
    await using node = await openDoor();
    const client = new RawConnection(node.port, 'GET /events HTTP/1.0\r\n\r\n');
    await client.until('\r\n\r\n');
    await node.append('first');
    expect(await client.until('\n\n')).toMatch(/\r\n\r\nid: 1\ndata: {"seq":1,.*}\n\n$/s);
    client.socket.destroy();
  });

  test('has an event a chunk, whose frame is what the registry says', async () => {
    await using node = await openDoor();
    for (let seq = 1; seq < 1000; seq++) await node.append('');
    const client = new RawConnection(node.port, GET.replace('/events', '/events?since=999'));
    await client.until('\r\n\r\n');
    await node.append('x'.repeat(100));
    const said = await client.until('\n\n\r\n');
    const chunk = said.slice(said.indexOf('\r\n\r\n') + 4);
    const message = /^data: (.*)$/m.exec(chunk)?.[1] ?? '';
    expect(chunk.length - message.length).toBe(23);
    client.socket.destroy();
  });

  test('comes behind that of another request which is not answered yet', async () => {
    await using node = await openDoor();
    const client = new RawConnection(node.port, GET.replace('/events', '/health') + GET);
    expect(await client.until('text/event-stream')).toMatch(/^HTTP\/1\.1 200 .*\{"ready":true.*HTTP\/1\.1 200 /s);
    client.socket.destroy();
  });

  test('is the last on its connection', async () => {
    await using node = await openDoor();
    const client = new RawConnection(node.port, GET + GET);
    await client.until('\r\n\r\n');
    await node.append('first');
    await client.until('"seq":1');
    await node.close();
    expect(await client.closed()).toMatch(/0\r\n\r\n$/);
    expect(client.said.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

describe('what a client is told to wait', () => {
  const told = async (retry?: 'none' | 'fixed' | 'random'): Promise<string | undefined> => {
    await using node = await openDoor(retry === undefined ? {} : { values: { retry } });
    await node.append('first');
    return /retry: (\d+)\n\n/.exec(await readUntil(await ask(node, {}), '"seq":1'))?.[1];
  };

  test('is nothing, unless it is asked for', async () => {
    expect([await told(), await told('none')]).toEqual([undefined, undefined]);
  });

  test('is fixed', async () => {
    expect([await told('fixed'), await told('fixed')]).toEqual(['3000', '3000']);
  });

  test('is random, from one to five seconds', async () => {
    await using node = await openDoor({ values: { retry: 'random' } });
    const waits = await Promise.all(
      numbers(1, 100).map(async () => {
        const beginning = await readUntil(await ask(node, {}), '\n\n');
        return Number(/^retry: (\d+)\n\n$/.exec(beginning)?.[1]);
      }),
    );
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(1000);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(5000);
    expect(new Set(waits).size).toBeGreaterThan(50);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(2000);
  });
});

describe('silence', () => {
  afterEach(() => void vi.useRealTimers());

  test('lasts 15 s at most, for each client', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
    await using node = await openDoor();
    const clients = numbers(1, 130).map(() => new RawConnection(node.port, GET));
    await Promise.all(clients.map(async (client) => client.until('\r\n\r\n')));
    await vi.advanceTimersByTimeAsync(15_000);
    for (const client of clients) {
      expect(await client.until('3\r\n:')).toMatch(/\r\n\r\n3\r\n:\n\n\r\n$/);
      client.socket.destroy();
    }
  });
});
