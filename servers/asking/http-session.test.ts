import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeNotice } from '../../scenarios/feed/message.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { encodeAnswer } from '../wire/http-answer.ts';
import { headerProfile } from '../registry.ts';
import { HEADER_PROFILES } from '../wire/header-profiles.ts';
import { answer, ask, chunkedAnswer, messages, nextMessage } from '../testing/feed-answers.ts';
import { openTestServer, writePieces } from '../testing/test-server.ts';
import { numbers, type TestSubscriber } from '../testing/test-subscriber.ts';

async function answeredWith(bytes: Buffer): Promise<TestSubscriber> {
  await using server = await openTestServer((socket) => void socket.write(bytes));
  const subscriber = ask(server);
  await subscriber.until(({ answers, lostReason }) => answers.length > 0 || lostReason !== undefined);
  subscriber.close();
  return subscriber;
}

describe('an answer', () => {
  test('with nothing in it is the start of the feed, after which it asks with since', async () => {
    await using server = await openTestServer((socket) => void socket.write(answer(Buffer.from('[]'))));
    const subscriber = ask(server, 2);
    await subscriber.until(({ answers }) => answers.length === 2);
    expect(subscriber.answers).toEqual([0, 0]);
    expect(server.requests.map((head) => head.split('\r\n')[0])).toEqual([
      'GET /messages HTTP/1.1',
      'GET /messages?since=0 HTTP/1.1',
    ]);
    subscriber.close();
  });

  test('moves the position on, by messages and by notices', async () => {
    const bodies = [
      messages(1, 3),
      [encodeNotice({ notice: 'gap', from: 4, to: 8 })],
      [encodeNotice({ notice: 'reset', latest: 2 })],
      [],
    ];
    await using server = await openTestServer((socket) => {
      socket.write(answer(encodeAnswer(bodies[server.requests.length - 1] ?? [])));
    });
    const subscriber = ask(server, 4);
    await subscriber.until(({ answers }) => answers.length === 4);
    // A notice is no message: an answer that holds only one counts as empty.
    expect(subscriber.answers).toEqual([3, 0, 0, 0]);
    expect(server.requests.map((head) => /since=(\d+)/.exec(head)?.[1])).toEqual([undefined, '3', '8', '2']);
    subscriber.close();
  });

  test('is the same wherever the network cuts it', async () => {
    const entries = [...messages(1, 3), encodeNotice({ notice: 'gap', from: 4, to: 6 }), ...messages(7, 8, 'größer 🛰️')];
    const bytes = answer(encodeAnswer(entries));
    // The first cuts the head, as every request is answered by the next of these, piece by piece.
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 6 }), async (places) => {
        const ends = [...new Set(places), bytes.length].toSorted((a, b) => a - b);
        await using server = await openTestServer((socket) => void writePieces(socket, bytes, ends));
        const subscriber = ask(server);
        await subscriber.until(({ answers }) => answers.length === 1);
        subscriber.close();
        expect(subscriber.sequence).toEqual([1, 2, 3, 7, 8]);
        expect(subscriber.notices).toEqual([{ notice: 'gap', from: 4, to: 6 }]);
        expect(subscriber.intact).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('of a length or in chunks holds what it holds, whatever the one before it was', async () => {
    const shapes = [answer, (body: Buffer) => chunkedAnswer(body, 7)];
    const turns = [0, 1, 1, 0, 0, 1];
    await using server = await openTestServer((socket, head) => {
      const shape = shapes[turns[server.requests.length - 1] ?? 0] ?? answer;
      socket.write(shape(nextMessage(head)));
    });
    const subscriber = ask(server, turns.length);
    await subscriber.until(({ answers }) => answers.length === turns.length);
    expect(subscriber.answers).toEqual(turns.map(() => 1));
    expect(subscriber.told.map(({ kind }) => kind)).toEqual(turns.map(() => 'message'));
    expect(subscriber.sequence).toEqual(numbers(1, turns.length));
    subscriber.close();
  });

  test('with nothing in it leaves a session where it was that goes on from a place', async () => {
    await using server = await openTestServer((socket) => void socket.write(answer(Buffer.from('[]'))));
    const subscriber = ask(server, 2, { position: { kind: 'after', seq: 5 } });
    await subscriber.until(({ answers }) => answers.length === 2);
    expect(server.requests.map((head) => /since=(\d+)/.exec(head)?.[1])).toEqual(['5', '5']);
    expect(subscriber.openings).toBe(1);
    subscriber.close();
  });

  test('is read though it is far larger than what is read at once', async () => {
    const subscriber = await answeredWith(answer(encodeAnswer(messages(1, 40, 'x'.repeat(256 * 1024)))));
    expect(subscriber.sequence).toEqual(numbers(1, 40));
    expect(subscriber.intact).toBe(true);
  });

  test('that was changed on its way is told as such', async () => {
    const body = encodeAnswer(messages(1, 3));
    body.write('y', body.indexOf('"x"') + 1);
    const subscriber = await answeredWith(answer(body));
    expect(subscriber.told.map((one) => one.kind === 'message' && one.intact)).toEqual([false, true, true]);
  });

  test.each(['', '{}', 'hello', '[hello]', '["a",\n"b"]'])('with the body %j is foreign', async (body) => {
    const subscriber = await answeredWith(answer(Buffer.from(body)));
    expect(subscriber.told.map(({ kind }) => kind)).toContain('foreign');
    expect(subscriber.answers).toEqual([0]);
  });
});

describe('the session ends', () => {
  test.each<[string, Buffer, SessionEnd]>([
    [
      'at another status',
      answer(Buffer.alloc(0), 'HTTP/1.1 503 Service Unavailable'),
      { code: 'http-status', status: 503, text: 'Service Unavailable' },
    ],
    [
      'at a status line without a reason',
      Buffer.from('HTTP/1.1 500\r\n\r\n'),
      { code: 'http-status', status: 500, text: '' },
    ],
    [
      'at a body that is compressed',
      answer(Buffer.from('[]'), 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip'),
      { code: 'protocol', cause: 'content-encoding' },
    ],
    ['at a head that does not end', Buffer.alloc(70_000, 'x'), { code: 'protocol', cause: 'endless-head' }],
    [
      'when more comes than it asked for',
      Buffer.concat([answer(Buffer.from('[]')), Buffer.from('HTTP')]),
      { code: 'protocol', cause: 'unasked-answer' },
    ],
  ])('%s', async (_name, bytes, end) => {
    const subscriber = await answeredWith(bytes);
    expect(subscriber.end).toEqual(end);
    expect(subscriber.openings).toBe(0);
  });

  test('when the server goes in the middle of an answer', async () => {
    await using server = await openTestServer((socket) => socket.end(answer(Buffer.from('[]')).subarray(0, -1)));
    const subscriber = ask(server);
    await subscriber.until(({ lostReason }) => lostReason !== undefined);
    expect(subscriber.end).toEqual({ code: 'connection-closed' });
    expect(subscriber.answers).toEqual([]);
  });

  test('when nobody listens', async () => {
    const server = await openTestServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const subscriber = ask(server);
    await subscriber.until(({ lostReason }) => lostReason !== undefined);
    expect(subscriber.end).toEqual({ code: 'unreachable', system: 'ECONNREFUSED' });
  });

  test('by close, in silence, though an answer has more messages', async () => {
    await using server = await openTestServer((socket) => void socket.write(answer(encodeAnswer(messages(1, 5)))));
    const subscriber = ask(server);
    const message = subscriber.message.bind(subscriber);
    subscriber.message = (header, bytes) => {
      message(header, bytes);
      if (header.seq === 2) subscriber.close();
    };
    await subscriber.untilSeq(2);
    expect(subscriber.sequence).toEqual([1, 2]);
    expect(subscriber.answers).toEqual([]);
    expect(subscriber.lostReason).toBeUndefined();
  });
});

test.each(Object.keys(HEADER_PROFILES) as (keyof typeof HEADER_PROFILES)[])(
  'sends the headers of the profile %s, each line ended, and counts the bytes',
  async (id) => {
    await using server = await openTestServer((socket) => void socket.write(answer(Buffer.from('[]'))));
    const subscriber = ask(server, 1, { headers: headerProfile(id) });
    await subscriber.until(({ answers }) => answers.length === 1);
    const host = `127.0.0.1:${server.port}`;
    const [, ...lines] = server.requests[0]?.split('\r\n') ?? [];
    expect(lines).toEqual([`Host: ${host}`, 'Connection: keep-alive', ...headerProfile(id).fetch(host)]);
    expect(subscriber.session?.bytesWritten).toBe((server.requests[0]?.length ?? 0) + 4);
    expect(subscriber.session?.bytesRead).toBe(answer(Buffer.from('[]')).length);
    subscriber.close();
  },
);

describe('a session that reads gzip', () => {
  const GZIP = { values: { compression: 'gzip' } } as const;
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip';
  const body = encodeAnswer(messages(1, 3));

  async function answeredInGzip(bytes: Buffer, options: Parameters<typeof ask>[2] = GZIP): Promise<TestSubscriber> {
    await using server = await openTestServer((socket) => void socket.write(bytes));
    const subscriber = ask(server, 1, options);
    await subscriber.until(({ answers, end }) => answers.length > 0 || end !== undefined);
    subscriber.close();
    return subscriber;
  }

  test.each([
    ['with a length', answer(gzipSync(body), HEAD)],
    ['in chunks', chunkedAnswer(gzipSync(body), 7, HEAD)],
    ['not compressed at all', answer(body)],
  ])('takes an answer %s', async (_name, bytes) => {
    const subscriber = await answeredInGzip(bytes);
    expect(subscriber.sequence).toEqual([1, 2, 3]);
    expect(subscriber.told[0]).toMatchObject({ bytes: messages(1, 1)[0]?.length, intact: true });
    expect(subscriber.session?.bytesRead).toBe(bytes.length);
  });

  test('asks for it once, whether its profile does or not', async () => {
    for (const profile of ['minimal', 'browser'] as const) {
      await using server = await openTestServer((socket) => void socket.write(answer(gzipSync(body), HEAD)));
      const subscriber = ask(server, 2, { ...GZIP, headers: headerProfile(profile) });
      await subscriber.until(({ answers }) => answers.length === 2);
      expect(server.requests.map((head) => head.match(/accept-encoding: gzip/gi))).toEqual([
        [expect.anything()],
        [expect.anything()],
      ]);
      subscriber.close();
    }
  });

  test.each<[string, Buffer, SessionEnd]>([
    ['gzip that is none', answer(body, HEAD), { code: 'protocol', cause: 'gzip' }],
    ['gzip cut short', answer(gzipSync(body).subarray(0, -1), HEAD), { code: 'protocol', cause: 'gzip' }],
    [
      'another coding',
      answer(body, 'HTTP/1.1 200 OK\r\nContent-Encoding: br'),
      { code: 'protocol', cause: 'content-encoding' },
    ],
    [
      'a coding twice',
      answer(gzipSync(gzipSync(body)), 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip'),
      { code: 'protocol', cause: 'content-encoding' },
    ],
  ])('ends at %s', async (_name, bytes, end) => {
    const subscriber = await answeredInGzip(bytes);
    expect(subscriber.end).toEqual(end);
    expect(subscriber.told).toEqual([]);
  });

  test('reads the next answer as it is said to be, not as the one before', async () => {
    const bodies = [answer(gzipSync(body), HEAD), answer(encodeAnswer(messages(4, 4))), answer(gzipSync('[]'), HEAD)];
    await using server = await openTestServer((socket) => {
      socket.write(bodies[server.requests.length - 1] ?? answer(Buffer.from('[]')));
    });
    const subscriber = ask(server, 3, GZIP);
    await subscriber.until(({ answers }) => answers.length === 3);
    expect(subscriber.answers).toEqual([3, 1, 0]);
    subscriber.close();
  });
});

test('a session that is not to read gzip does not, whatever its headers accept', async () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip';
  await using server = await openTestServer((socket) => void socket.write(answer(gzipSync('[]'), head)));
  const subscriber = ask(server, 1, { headers: headerProfile('browser') });
  await subscriber.until(({ end }) => end !== undefined);
  expect(subscriber.end).toEqual({ code: 'protocol', cause: 'content-encoding' });
});

describe('a session of somebody', () => {
  const member = { user: 'ann', channels: ['room:1'], tab: '7f' };
  const nothing = answer(Buffer.from('[]'));
  const targets = (requests: readonly string[]): string[] => requests.map((head) => head.split(' ')[1] ?? '');

  test('says with each request who it is and what it follows', async () => {
    await using server = await openTestServer((socket) => void socket.write(nothing));
    const subscriber = ask(server, 2, { member });
    await subscriber.until(({ answers }) => answers.length === 2);
    const who = 'channels=room:1&user=ann&tab=7f';
    expect(targets(server.requests)).toEqual([`/messages?${who}`, `/messages?since=0&${who}`]);
    subscriber.session?.close();
  });

  test('shows a token with each request, where the variant has it', async () => {
    for (const auth of ['url', 'header', 'cookie'] as const) {
      await using server = await openTestServer((socket) => void socket.write(nothing));
      const subscriber = ask(server, 2, { member: { ...member, token: 'a.b.c' }, values: { auth } });
      await subscriber.until(({ answers }) => answers.length === 2);
      for (const head of server.requests) expect(head.match(/a\.b\.c/g)).toHaveLength(1);
      expect(server.requests.join('')).not.toContain('user=ann');
    }
  });

  test('joins and leaves by what it asks for next', async () => {
    await using server = await openTestServer((socket, head) => void socket.write(answer(nextMessage(head))));
    const subscriber = ask(server, 3, { member });
    const answers: unknown[] = [];
    const said = (answered: object): void => void answers.push(answered);
    subscriber.session?.say({ type: 'join', channel: 'room:2' }, said);
    subscriber.session?.say({ type: 'leave', channel: 'room:1' }, said);
    await subscriber.until(({ answers: { length } }) => length === 3);
    expect(targets(server.requests)).toEqual([
      '/messages?channels=room:1&user=ann&tab=7f',
      '/messages?since=1&channels=room:2&user=ann&tab=7f',
      '/messages?since=2&channels=room:2&user=ann&tab=7f',
    ]);
    expect(answers).toEqual([{ seq: 1 }, { seq: 1 }]);
    subscriber.close();
  });

  test('says goodbye when it is closed, and not when it is lost', async () => {
    await using server = await openTestServer((socket) => void socket.write(nothing));
    const subscriber = ask(server, 1, { member });
    await subscriber.until(({ openings }) => openings === 1);
    subscriber.close();
    await expect.poll(() => server.requests.length).toBe(2);
    expect(server.requests[1]).toMatch(/^POST \/messages\?user=ann&tab=7f HTTP/);

    await using other = await openTestServer((socket) => void socket.end(answer(Buffer.alloc(0), 'HTTP/1.1 503 No')));
    const lost = ask(other, 1, { member });
    await lost.until(({ end }) => end !== undefined);
    lost.close();
    expect(other.requests).toHaveLength(1);
  });

  test('ends where what it says is refused, and asks no more', async () => {
    await using server = await openTestServer((socket, head) => {
      socket.write(
        head.startsWith('GET') ? nothing : answer(Buffer.from('{"error":"no"}'), 'HTTP/1.1 401 Unauthorized'),
      );
    });
    const subscriber = ask(server, 1, { member });
    await subscriber.until(({ openings }) => openings === 1);
    subscriber.session?.say({ type: 'typing', channel: 'room:1' }, () => undefined);
    await subscriber.until(({ end }) => end !== undefined);
    expect(subscriber.end).toMatchObject({ code: 'http-status', status: 401 });
    expect(subscriber.session?.extraConnections).toBe(0);
  });
});
