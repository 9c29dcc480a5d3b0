import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { openTestServer } from '../testing/test-server.ts';
import { numbers, subscribe } from '../testing/test-subscriber.ts';
import { ask, openDoor, readUntil } from './testing/seen-door.ts';

/** Events that are compressed, as the door sends them and our client reads them. */

describe('gzip', () => {
  const values = { compression: 'gzip' } as const;

  test('is for those who read it, where the node compresses, event by event', async () => {
    await using node = await openDoor({ values });
    await using plainNode = await openDoor();
    const codings: (string | null)[] = [];
    for (const [place, accepts] of [
      [node, 'br, gzip;q=0.5'],
      [node, 'identity'],
      [node, 'gzip;q=0'],
      [plainNode, 'gzip'],
    ] as const) {
      const answer = await ask(place, { 'Accept-Encoding': accepts });
      await place.append('x');
      // It is there though others follow, or none.
      expect(await readUntil(answer, '"data":"x"')).toMatch(/^id: \d+\ndata: {"seq":/);
      codings.push(answer.headers.get('content-encoding'));
      expect(answer.headers.get('vary')).toBe(place === node ? 'Accept-Encoding' : null);
    }
    expect(codings).toEqual(['gzip', null, null, null]);
  });

  test('is read by our client, and saves bytes', async () => {
    const data = { symbol: 'ACME', name: 'größer '.repeat(20) };
    const bytes: number[] = [];
    for (const one of [values, { compression: 'none' } as const]) {
      await using node = await openDoor({ values: one });
      const subscriber = await subscribe({ transport: 'sse', port: node.port, values: one });
      for (let index = 0; index < 300; index++) await node.append(data);
      await subscriber.untilSeq(300);
      expect(subscriber.sequence).toEqual(numbers(1, 300));
      expect(subscriber.intact).toBe(true);
      bytes.push(subscriber.session?.bytesRead ?? 0);
      await node.close();
      await subscriber.until(({ end }) => end !== undefined);
      expect(subscriber.end).toEqual({ code: 'connection-closed' });
    }
    const [small = 0, large = 0] = bytes;
    expect(small).toBeLessThan(large / 2);
  });

  test('holds no more for who does not read than the bound, and says why it ends', REAL_TIME, async () => {
    await using node = await openDoor({ values, slowMs: 400, sendBufferBytes: 1 });
    await using relay = await openTestRelay(node.port);
    const slow = await subscribe({ transport: 'sse', port: relay.port, values });
    relay.stall();
    while (node.slowConsumers === 0) {
      await node.append(randomBytes(100_000).toString('base64'));
      await setImmediate();
    }
    relay.resume();
    await slow.until(({ end }) => end !== undefined);
    expect(slow.end).toEqual({ code: 'connection-closed' });
    expect(slow.sequence).toEqual(numbers(1, slow.sequence.length));
    expect(slow.sequence.length).toBeLessThan(node.appended);
  });

  test('that cannot be read ends the session', async () => {
    await using server = await openTestServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\nnot gzip');
    });
    const asked = await subscribe({ transport: 'sse', port: server.port, values });
    await asked.until(({ end }) => end !== undefined);
    expect(asked.end).toEqual({ code: 'protocol', cause: 'gzip' });
    const unasked = await subscribe({ transport: 'sse', port: server.port });
    expect(unasked.end).toEqual({ code: 'protocol', cause: 'content-encoding' });
    expect(server.requests.map((head) => /^accept-encoding: (.*)$/im.exec(head)?.[1])).toEqual(['gzip', undefined]);
  });
});
