import { describe, expect, test } from 'vitest';
import { MOST_COMMAND_BYTES } from '../../scenarios/feed/command.ts';
import { transportRow } from '../registry.ts';
import { Line } from './line.ts';
import { HTTP_DOORS, say } from '../answering/testing/test-follower.ts';
import { openTestNode } from '../testing/test-node.ts';
import { numbers } from '../testing/test-subscriber.ts';

const hello = { type: 'send', channel: 'room:1', data: 'hello' };

/** As somebody writes it who speaks HTTP by hand. */
function posted(target: string, command: unknown, fields: readonly string[] = []): string {
  const body = typeof command === 'string' ? command : JSON.stringify(command);
  return [
    `POST ${target} HTTP/1.1`,
    'Host: node',
    ...fields,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

describe.each(HTTP_DOORS.map((transport) => ({ transport })))(
  'a command at the door of $transport',
  ({ transport }) => {
    const { path } = transportRow(transport);

    test('is answered with its number, also when it is said again', async () => {
      await using node = await openTestNode({ transport });
      const ann = { port: node.port, transport, query: 'user=ann' };
      expect(await say(ann, { ...hello, n: 1 })).toEqual({ status: 200, answer: { seq: 1 } });
      expect(await say(ann, { ...hello, n: 2 })).toEqual({ status: 200, answer: { seq: 2 } });
      expect(await say(ann, { ...hello, n: 2 })).toEqual({ status: 200, answer: { seq: 2, again: true } });
      expect(await say(ann, hello)).toEqual({ status: 200, answer: { seq: 3 } });
      expect(await say(ann, { type: 'typing', channel: 'room:1' })).toEqual({ status: 200, answer: { seq: null } });
      await node.until(({ appended }) => appended === 3);
    });

    test('is refused with the status of its cause, and what it is', async () => {
      await using node = await openTestNode({ transport });
      const ann = { port: node.port, transport, query: 'user=ann' };
      await say(ann, { ...hello, n: 1 });
      const large = JSON.stringify({ ...hello, data: 'x'.repeat(MOST_COMMAND_BYTES) });
      for (const [command, status, reason] of [
        ['hello', 400, 'malformed'],
        ['', 400, 'malformed'],
        [{ type: 'join', channel: 'room:2' }, 400, 'malformed'],
        [{ ...hello, channel: 'room 1' }, 400, 'malformed'],
        [{ ...hello, channel: 'presence' }, 403, 'forbidden'],
        [{ ...hello, n: 3 }, 409, 'out-of-order'],
        [large, 413, 'malformed'],
      ] as const) {
        const { status: said, answer } = await say(ann, command);
        expect([said, answer]).toEqual([status, { error: expect.any(String) as unknown, reason }]);
      }
      expect(await say({ ...ann, query: '' }, hello)).toMatchObject({ status: 403, answer: { reason: 'forbidden' } });
      // Who is not let in has no answer to the command.
      expect(await say({ ...ann, query: 'user=an%20n' }, hello)).toEqual({
        status: 400,
        answer: { error: expect.stringContaining('user is a name') as unknown },
      });
      expect(node.appended).toBe(1);
    });

    test('is JSON by whatever name a text has, and no other', async () => {
      await using node = await openTestNode({ transport });
      const ann = { port: node.port, transport, query: 'user=ann' };
      const sent = async (type: string): Promise<number> =>
        (await say({ ...ann, headers: { 'Content-Type': type } }, hello)).status;
      for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'text/plain;charset=UTF-8'])
        expect([type, await sent(type)]).toEqual([type, 200]);
      expect(await sent('application/x-www-form-urlencoded')).toBe(200);
      for (const type of ['multipart/form-data; boundary=x', 'application/octet-stream', 'text/html', 'json', ';'])
        expect([type, await sent(type)]).toEqual([type, 415]);
      await using line = new Line(node.port);
      line.write(posted(`${path}?user=ann`, hello));
      await line.answers(200);
    });

    test('is UTF-8, and not compressed', async () => {
      await using node = await openTestNode({ transport });
      const sent = async (body: Buffer | string, headers: Record<string, string> = {}): Promise<unknown> => {
        const url = `http://127.0.0.1:${node.port}${path}?user=ann`;
        const answer = await fetch(url, {
          method: 'POST',
          body,
          headers: { 'Content-Type': 'text/plain', ...headers },
        });
        return [answer.status, ((await answer.json()) as { reason?: string }).reason];
      };
      const text = JSON.stringify({ ...hello, data: 'ü' });
      expect(await sent(Buffer.from(text, 'latin1'))).toEqual([400, 'malformed']);
      for (const coding of ['gzip', 'br', 'identity, gzip', 'x'])
        expect([coding, await sent(text, { 'Content-Encoding': coding })]).toEqual([coding, [415, 'malformed']]);
      expect(await sent(text, { 'Content-Encoding': 'Identity' })).toEqual([200, undefined]);
    });

    test('of many written at once is done in its turn, whether it says its number or not', async () => {
      await using node = await openTestNode({ transport });
      await using line = new Line(node.port);
      line.write(posted(`${path}?user=ann`, hello).repeat(300));
      await line.sees('answered 300 times', ({ statuses }) => statuses.length === 300);
      expect(new Set(line.statuses)).toEqual(new Set([200]));
    });

    test('of many written at once is done in its turn', async () => {
      await using node = await openTestNode({ transport });
      await using line = new Line(node.port);
      const count = 1000;
      line.write(
        numbers(1, count)
          .map((n) => posted(`${path}?user=ann`, { ...hello, n }))
          .join(''),
      );
      await line.sees(`answered ${count} times`, ({ statuses }) => statuses.length === count);
      expect(new Set(line.statuses)).toEqual(new Set([200]));
      const answered = Array.from(line.text.matchAll(/\{"seq":(\d+)\}/g), ([, seq]) => Number(seq));
      expect(answered).toEqual(numbers(1, count));
    });

    test('whose body ends early is none', async () => {
      await using node = await openTestNode({ transport, requestMs: 300 });
      const whole = posted(`${path}?user=ann`, hello);
      for (const how of ['half', 'reset'] as const) {
        await using line = new Line(node.port);
        line.write(whole.slice(0, -5));
        line[how]();
        await line.ends();
      }
      expect(await say({ port: node.port, transport, query: 'user=ann' }, hello)).toMatchObject({ answer: { seq: 1 } });
      expect(node.appended).toBe(1);
    });
  },
);

test('what is said behind a held poll is answered behind what there is for that one', async () => {
  await using node = await openTestNode({ transport: 'long-polling', holdMs: 600_000, heartbeatMs: 600_000 });
  await using line = new Line(node.port);
  line.write('GET /next?since=0&channels=room:1&user=ann HTTP/1.1\r\nHost: node\r\n\r\n');
  // The first poll of a user is answered with a welcome, the next one is held.
  await line.sees('welcome', ({ text }) => text.includes('welcome'));
  line.write('GET /next?since=0&channels=room:1&user=ann HTTP/1.1\r\nHost: node\r\n\r\n');
  line.write(posted('/next?user=ann', hello));
  await line.sees('answered three times', ({ statuses }) => statuses.length === 3);
  expect(line.text.slice(line.text.lastIndexOf('HTTP/1.1'))).toMatch(/\{"seq":2\}$/);
});
