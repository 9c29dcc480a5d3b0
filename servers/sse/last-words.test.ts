import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { GET, openDoor, openStand, RawConnection, stall } from './testing/seen-door.ts';

/** How the door ends a stream, as clients see it that share no code with it. */

describe('the end', () => {
  test('is said when the node closes, and is one', async () => {
    const node = await openDoor();
    const client = new RawConnection(node.port, GET);
    await client.until('\r\n\r\n');
    await node.append('first');
    await node.close();
    expect(await client.closed()).toMatch(/"}\n\n\r\n18\r\n: server shutting down\n\n\r\n0\r\n\r\n$/);
  });

  test.each(['none', 'gzip'] as const)(
    'is said behind what waits when the node closes, to whoever takes it in time, with compression %s',
    REAL_TIME,
    async (compression) => {
      const values = { compression };
      const node = await openDoor({ values, closeMs: 60_000, sendBufferBytes: 4_000_000 });
      const client = new RawConnection(node.port, GET.replace('\r\n\r\n', '\r\nAccept-Encoding: gzip\r\n\r\n'));
      client.socket.setEncoding('latin1');
      await client.until('\r\n\r\n');
      client.socket.pause();
      for (let seq = 1; seq <= 60; seq++) {
        await node.append(randomBytes(200_000).toString('base64'));
        await setImmediate();
      }
      const closed = node.close();
      // Whatever ends the idle connections of a server has done so.
      for (let turn = 0; turn < 50; turn++) await setImmediate();
      client.socket.resume();
      expect((await client.closed()).slice(-5)).toBe('0\r\n\r\n');
      await closed;
    },
  );

  test('is said to whoever is too slow and reads in time, behind what waited', REAL_TIME, async () => {
    await using node = await openDoor({ slowMs: 400, sendBufferBytes: 1 });
    const client = new RawConnection(node.port, GET);
    await client.until('\r\n\r\n');
    await stall(node, client);
    client.socket.resume();
    expect(await client.closed()).toMatch(/"}\n\n\r\n[\da-f]+\r\n: too slow: [^\n]+\n\n\r\n0\r\n\r\n$/);
  });

  test('comes by itself to whoever does not read that either', REAL_TIME, async () => {
    await using stand = await openStand();
    const client = new RawConnection(stand.port, GET);
    await client.until('\r\n\r\n');
    client.socket.pause();
    while (stand.slowConsumers === 0) {
      stand.append('x'.repeat(100_000));
      await setImmediate();
    }
    expect(await stand.connections()).toBe(1);
    while ((await stand.connections()) > 0) await setImmediate();
    client.socket.resume();
    expect(await client.closed()).not.toMatch(/0\r\n\r\n$/);
  });
});
