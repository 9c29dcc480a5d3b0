import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { dimension, type DimensionId, type DimensionValues, isUsual, type Offers } from '../scenarios/dimensions.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { librarySession, whyNoClient } from '../load/library/clients.ts';
import { cadenceOf, headerProfile, TRANSPORT_IDS, type TransportId, transportRow } from '../servers/registry.ts';
import { newAuthority } from '../scenarios/tls/authority.ts';
import { Handshakes } from '../scenarios/tls/handshakes.ts';
import { openTestNode, type TestNode } from '../servers/testing/test-node.ts';
import { openTestRelay } from '../servers/testing/test-relay.ts';
import { openTestServer } from '../servers/testing/test-server.ts';
import { numbers, TestSubscriber } from '../servers/testing/test-subscriber.ts';
import type { SessionMember, SessionOptions } from '../servers/transport.ts';

/** What every client library owes the generator: the same as the native client of its transport, against the same door. */

const rows = TRANSPORT_IDS.flatMap(
  (transport) => oneValueOff(transport).map((values) => ({ transport, values, variant: nameOf(transport, values) })),
  // What stands behind a door makes no difference to a client, and these nodes have no Redis.
).filter((row) => whyNoClient(row) === undefined && row.values.origin !== 'redis');
// Over HTTP/2 connections end in other ways: library-http2.test.ts.
const asking = rows.filter((row) => ['polling', 'long-polling'].includes(row.transport) && row.values.http !== '2');

/** What is usual, and every value besides, one at a time. */
function oneValueOff(transport: TransportId): DimensionValues[] {
  const offers: Offers = transportRow(transport).dimensions;
  const ids = (Object.keys(offers) as DimensionId[]).filter((id) => id !== 'headers');
  return [
    {},
    ...ids.flatMap((id) =>
      valuesOffered(id, offers)
        .map((value): DimensionValues => ({ [id]: value }))
        .filter((values) => !isUsual(id, values)),
    ),
  ];
}

function valuesOffered(id: DimensionId, offers: Offers): readonly (string | number)[] {
  const { values } = dimension(id);
  return offers[id]?.only ?? (values.kind === 'choice' ? Object.keys(values.of) : []);
}

function nameOf(transport: TransportId, values: DimensionValues): string {
  return [transport, ...Object.values(values)].join(' ');
}

/** Where messages are left out, or a library goes on with what it remembers, nobody says anything. */
const talking = rows.filter(({ values }) => values.deliver !== 'latest' && values.recovery !== 'library');

interface Place {
  readonly transport: TransportId;
  readonly values: DimensionValues;
  readonly port: number;
  readonly position?: SessionOptions['position'];
  readonly headers?: 'browser' | 'minimal';
  readonly member?: SessionMember;
  readonly authority?: string;
  readonly handshakes?: Handshakes;
}

async function subscribe(place: Place): Promise<TestSubscriber> {
  const { transport, values, port, position, headers = 'minimal', member, authority, handshakes } = place;
  const openSession = await librarySession(transport);
  const subscriber = new TestSubscriber();
  subscriber.session = openSession(
    {
      host: '127.0.0.1',
      port,
      position: position ?? { kind: 'oldest' },
      values,
      headers: headerProfile(headers),
      poll: { originNs: monotonicNs(), intervalNs: 10e6 },
      ...(member !== undefined && { member }),
      authority,
      handshakes,
    },
    subscriber,
  );
  await subscriber.until(({ openings, end }) => openings > 0 || end !== undefined);
  return subscriber;
}

async function open({ transport, values }: Pick<Place, 'transport' | 'values'>, logMessages = 2000): Promise<TestNode> {
  return openTestNode({ transports: [transport], values, backplane: 'memory', logMessages, sharedForMs: 10 });
}

describe.each(talking)('a member by the client library of $variant', ({ transport, values }) => {
  test('says many things, is told their numbers, and hears its channels alone', async () => {
    await using node = await open({ transport, values });
    const enter = async (user: string, ...channels: string[]): Promise<TestSubscriber> =>
      subscribe({ transport, values, port: node.port, member: { user, channels } });
    const [ann, ben] = [await enter('ann'), await enter('ben', 'room:1')];
    const data = ['größer', 'x'.repeat(60_000), '', { deep: [1] }];
    const answers = data.map(async (one, index) =>
      ann.say({ type: 'send', channel: 'room:1', n: index + 1, data: one }),
    );
    answers.push(ann.say({ type: 'send', channel: 'room:2', n: 1, data: 'elsewhere' }));
    const seqs = (await Promise.all(answers)).map((answer) => ('seq' in answer ? answer.seq : null));
    await ben.untilIn('room:1', data.length);
    expect(ben.heard.map((one) => [one.seq, one.from, one.n, one.data])).toEqual(
      data.map((one, index) => [seqs[index], 'ann', index + 1, one]),
    );
    expect(await ann.say({ type: 'send', channel: 'room:1', n: 4, data: 'again' })).toMatchObject({ again: true });
    expect(await ben.say({ type: 'join', channel: 'user:ann' })).toMatchObject({ reason: 'forbidden' });
    ann.close();
    ben.close();
  });
});

describe.each(rows)('the client library of $variant', ({ transport, values }) => {
  test('delivers in order what was there before and what comes', async () => {
    await using node = await open({ transport, values });
    await node.append('before');
    const subscriber = await subscribe({ transport, values, port: node.port });
    for (let index = 1; index < 20; index++) await node.append({ index });
    await Promise.all(numbers(21, 1020).map(async (index) => node.append({ index })));
    await subscriber.untilSeq(1020);
    expect(subscriber.sequence).toEqual(numbers(1, 1020));
    expect(subscriber.openings).toBe(1);
    // What was there before may come by a poll while the library still makes its WebSocket.
    expect(subscriber.early).toBeLessThanOrEqual(values.shape === 'upgrade' ? 1 : 0);
    expect(subscriber.intact).toBe(true);
    subscriber.close();
  });

  test('tells its answers with the messages in them, where it asks', async () => {
    await using node = await open({ transport, values });
    const subscriber = await subscribe({ transport, values, port: node.port });
    await Promise.all(numbers(1, 30).map(async (index) => node.append({ index })));
    await subscriber.untilSeq(30);
    // On the way to an upgrade there are answers, and no message in them.
    const inAnswers = cadenceOf({ transport, values }) === 'push' ? 0 : 30;
    await expect.poll(() => subscriber.answers.reduce((sum, messages) => sum + messages, 0)).toBe(inAnswers);
    subscriber.close();
  });

  test('leaves every byte of a payload as it was', async () => {
    await using node = await open({ transport, values });
    const subscriber = await subscribe({ transport, values, port: node.port });
    const payloads = ['', 'a\nb\r\nc', '"quoted", \\back\\', '🛰️ größer 数', '\u2028\u0000],\n[', 'x'.repeat(64 * 1024)];
    for (const payload of payloads) await node.append({ payload });
    await subscriber.untilSeq(payloads.length);
    expect(subscriber.sequence).toEqual(numbers(1, payloads.length));
    expect(subscriber.intact).toBe(true);
    subscriber.close();
  });

  test('goes on after the last message that it had, and is told what is gone', async () => {
    await using node = await open({ transport, values }, 5);
    for (const index of numbers(1, 12)) await node.append({ index });
    await node.until(({ appended }) => appended === 12);
    const subscriber = await subscribe({ transport, values, port: node.port, position: { kind: 'after', seq: 3 } });
    await subscriber.untilSeq(12);
    expect(subscriber.notices).toEqual([{ notice: 'gap', from: 4, to: 7 }]);
    expect(subscriber.sequence).toEqual(numbers(8, 12));
    subscriber.close();
  });

  test('sends the headers of a browser, and is understood', async () => {
    await using node = await open({ transport, values });
    const [plain, browser] = await Promise.all(
      (['minimal', 'browser'] as const).map(async (headers) =>
        subscribe({ transport, values, port: node.port, headers }),
      ),
    );
    await node.append('first');
    await Promise.all([plain?.untilSeq(1), browser?.untilSeq(1)]);
    expect(browser?.session?.bytesWritten).toBeGreaterThan((plain?.session?.bytesWritten ?? 0) + 300);
    plain?.close();
    browser?.close();
  });

  test('counts every byte of its connection', async () => {
    await using node = await open({ transport, values });
    await using relay = await openTestRelay(node.port);
    const subscriber = await subscribe({ transport, values, port: relay.port, headers: 'browser' });
    for (const index of numbers(1, 50)) await node.append({ index });
    await subscriber.untilSeq(50);
    // Between two polls nothing is on its way.
    await expect
      .poll(() => [
        (subscriber.session?.bytesRead ?? Number.NaN) - relay.bytesDown,
        (subscriber.session?.bytesWritten ?? Number.NaN) - relay.bytesUp,
      ])
      .toEqual([0, 0]);
    subscriber.close();
  });

  test('does not count bytes that are being handled', async () => {
    await using node = await open({ transport, values });
    const subscriber = await subscribe({ transport, values, port: node.port });
    const before = subscriber.session?.bytesRead ?? Number.NaN;
    const during: number[] = [];
    const message = subscriber.message.bind(subscriber);
    subscriber.message = (...told) => {
      during.push(subscriber.session?.bytesRead ?? Number.NaN);
      message(...told);
    };
    // Of which compression makes no less.
    await node.append(randomBytes(5000).toString('base64'));
    await subscriber.untilSeq(1);
    expect(during[0]).toBeLessThan(before + 5000);
    expect(subscriber.session?.bytesRead).toBeGreaterThan(before + 5000);
    subscriber.close();
  });

  test('is lost, once and for good, where its connection breaks and nobody listens any more', async () => {
    await using node = await open({ transport, values });
    const relay = await openTestRelay(node.port);
    const subscriber = await subscribe({ transport, values, port: relay.port });
    await relay[Symbol.asyncDispose]();
    await subscriber.until(({ end }) => end !== undefined);
    expect(['connection-closed', 'connection-lost', 'unreachable']).toContain(subscriber.end?.code);
    expect(subscriber.openings).toBe(1);
  });

  test('says how its session ended when its node said goodbye', async () => {
    await using node = await open({ transport, values });
    const subscriber = await subscribe({ transport, values, port: node.port });
    await node.close();
    await subscriber.until(({ end }) => end !== undefined);
    const ways = transportRow(transport).goodbye;
    expect(ways.map((way) => expect.objectContaining(way) as unknown)).toContainEqual(subscriber.end);
  });

  test('says why it could not connect, and that it was refused', async () => {
    const node = await open({ transport, values });
    const refused = await subscribe({
      transport,
      values,
      port: node.port,
      position: { kind: 'after', seq: Number.NaN },
    });
    expect(refused.lostReason).toBe('the server answered 400 Bad Request');
    await node.close();
    const late = await subscribe({ transport, values, port: node.port });
    expect(late.end).toEqual({ code: 'unreachable', system: 'ECONNREFUSED' });
    expect([refused.openings, late.openings]).toEqual([0, 0]);
  });

  test('is told nothing after it was closed', async () => {
    await using node = await open({ transport, values });
    const [closed, other] = await Promise.all(
      [1, 2].map(async () => subscribe({ transport, values, port: node.port })),
    );
    closed?.close();
    await node.append('late');
    await other?.untilSeq(1);
    expect([closed?.told, closed?.end]).toEqual([[], undefined]);
    other?.close();
  });
});

const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2';

describe.each(asking)('the client library of $variant', ({ transport, values }) => {
  test('goes on over another connection where the server closes one, and counts it', async () => {
    await using server = await openTestServer((socket) => void socket.end(`${EMPTY}\r\nConnection: close\r\n\r\n[]`));
    const subscriber = await subscribe({ transport, values, port: server.port });
    await subscriber.until(({ reopenings }) => reopenings === 3);
    expect(subscriber.end).toBeUndefined();
    subscriber.close();
  });

  test('sends a request once more that met the close of its connection', async () => {
    await using server = await openTestServer((socket) => {
      if (server.requests.length === 2) socket.destroy();
      else if (server.requests.length < 4) socket.write(`${EMPTY}\r\n\r\n[]`);
    });
    const subscriber = await subscribe({ transport, values, port: server.port });
    await subscriber.until(({ answers }) => answers.length === 2);
    expect(subscriber.reopenings).toBe(1);
    expect(subscriber.end).toBeUndefined();
    subscriber.close();
  });

  test.each([
    ['nothing', '', 'connection-closed'],
    ['half an answer', `${EMPTY}\r\n\r\n[`, 'connection-closed'],
  ])('is lost where the first request gets %s', async (_, text, code) => {
    await using server = await openTestServer((socket) => void socket.end(text));
    const subscriber = await subscribe({ transport, values, port: server.port });
    expect(subscriber.end?.code).toBe(code);
    expect(server.requests).toHaveLength(1);
  });
});

const OF_BYTES: ReadonlySet<DimensionId> = new Set(['frames', 'compression', 'shape']);
/** Those that take another way to the bytes. */
const carried = rows.filter(({ values }) => (Object.keys(values) as DimensionId[]).every((id) => OF_BYTES.has(id)));

describe.each(carried)('over TLS the client library of $variant', ({ transport, values }) => {
  test('delivers in order, counts what crosses, and goes on with its session where that is wanted', async () => {
    const { authority, server } = await newAuthority(['127.0.0.1']);
    await using node = await openTestNode({ transport, values, tls: server, sharedForMs: 10 });
    await Promise.all(numbers(1, 200).map(async (index) => node.append({ index })));
    for (const resumes of [true, false]) {
      const handshakes = new Handshakes(resumes);
      for (let turn = 0; turn < 2; turn++) {
        await using relay = await openTestRelay(node.port);
        const subscriber = await subscribe({ transport, values, port: relay.port, authority, handshakes });
        await subscriber.untilSeq(200);
        expect(subscriber.sequence).toEqual(numbers(1, 200));
        const { session } = subscriber;
        await expect.poll(() => (session?.bytesRead ?? 0) - relay.bytesDown).toBe(0);
        await expect.poll(() => (session?.bytesWritten ?? 0) - relay.bytesUp).toBe(0);
        subscriber.close();
      }
      // The second of the two began anew or went on; where more connections are held, so did they.
      expect(handshakes.full > 0 && handshakes.resumed > 0).toBe(resumes);
    }
  });

  test('trusts nobody else, and says so', async () => {
    const [{ server }, { authority }] = await Promise.all([newAuthority(['127.0.0.1']), newAuthority(['127.0.0.1'])]);
    await using node = await openTestNode({ transport, values, tls: server });
    const stranger = await subscribe({ transport, values, port: node.port, authority });
    expect(stranger.end).toEqual({ code: 'unreachable', system: 'CERT_SIGNATURE_FAILURE' });
  });
});
