import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monotonicNs } from '../scenarios/clock.ts';
import type { DimensionValues } from '../scenarios/dimensions.ts';
import type { MessageHeader } from '../scenarios/feed/message.ts';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import type { SessionEnd } from '../scenarios/session-end.ts';
import { newAuthority, type ThrowAwayAuthority } from '../scenarios/tls/authority.ts';
import { headerProfile, TRANSPORT_IDS, type TransportId, transportRow } from '../servers/registry.ts';
import { openTestNode, type TestNode } from '../servers/testing/test-node.ts';
import { openTestRelay } from '../servers/testing/test-relay.ts';
import { numbers, TestSubscriber } from '../servers/testing/test-subscriber.ts';
import type { SessionMember, SessionOptions } from '../servers/transport.ts';
import { pageSessions } from '../load/browser/page-session.ts';
import { Pages } from '../load/browser/pages.ts';
import { descendantsOf, readChildren } from '../load/watch/families.ts';

/** What pages owe the generator: the same as the native client of their transport, against the same door. */

const usual = TRANSPORT_IDS.map((transport): Variant => ({ transport, values: {} }));
const binary: Variant = { transport: 'websocket', values: { frames: 'binary', compression: 'deflate' } };
const rows: readonly Variant[] = [
  ...usual,
  binary,
  { transport: 'socketio', values: { frames: 'binary' } },
  { transport: 'polling', values: { compression: 'gzip' } },
];

const secure: readonly Variant[] = usual.map((row) => ({ ...row, isSecure: true }));
const overHttp2 = secure
  .filter(({ transport }) => transportRow(transport).dimensions.http !== undefined)
  .map((row): Variant => ({ ...row, values: { http: '2' } }));

type Variant = Pick<Place, 'transport' | 'values' | 'isSecure'>;

interface Place {
  readonly transport: TransportId;
  readonly values: DimensionValues;
  /** Over TLS. */
  readonly isSecure?: boolean;
  readonly port: number;
  readonly position?: SessionOptions['position'];
  readonly member?: SessionMember;
  readonly stock?: SessionOptions['stock'];
}

/** Keeps when messages came, too. */
class TimedSubscriber extends TestSubscriber {
  readonly receivedNs: number[] = [];
  /** What became of its connection, where it comes back by itself. */
  readonly fate: string[] = [];

  override message(header: MessageHeader, bytes: number, receivedNs: number = Number.NaN): void {
    this.receivedNs.push(receivedNs);
    super.message(header, bytes);
  }

  dropped(end: SessionEnd): void {
    this.fate.push(end.code);
    this.changed();
  }

  tries(): void {
    this.fate.push('tries');
  }

  back(): void {
    this.fate.push('back');
    this.changed();
  }
}

let pages: Pages;
/** Those of a Chromium that trusts an authority. */
let trustingPages: Pages;
let trusted: ThrowAwayAuthority;
const troubles: string[] = [];

function openPages(authority?: string): Pages {
  const { executablePath: program } = CHROMIUM;
  return new Pages({ program, authority, onTrouble: (words) => troubles.push(words) });
}

function pagesFor(authority: string | undefined): Pages {
  return authority === undefined ? pages : trustingPages;
}

async function subscribe({
  transport,
  values,
  isSecure,
  port,
  position,
  member,
  stock,
}: Place): Promise<TimedSubscriber> {
  const subscriber = new TimedSubscriber();
  subscriber.session = pageSessions(pagesFor, transport)(
    {
      host: '127.0.0.1',
      port,
      position: position ?? { kind: 'oldest' },
      values,
      headers: headerProfile('browser'),
      poll: { originNs: monotonicNs(), intervalNs: 10e6 },
      ...(isSecure === true && { authority: trusted.authority }),
      ...(member !== undefined && { member }),
      ...(stock !== undefined && { stock }),
    },
    subscriber,
  );
  await subscriber.until(({ openings, end }) => openings > 0 || end !== undefined);
  return subscriber;
}

async function open({ transport, values, isSecure }: Variant, logMessages = 2000): Promise<TestNode> {
  const tls = isSecure === true ? trusted.server : undefined;
  return openTestNode({ transports: [transport], values, backplane: 'memory', logMessages, tls });
}

describe('pages in Chromium', { ...NEEDS_CHROMIUM, timeout: 60_000 }, () => {
  beforeAll(async () => {
    trusted = await newAuthority(['127.0.0.1']);
    pages = openPages();
    trustingPages = openPages(trusted.authority);
  });

  afterAll(async () => {
    await Promise.all([pages.close(), trustingPages.close()]);
  });

  // A connection is TLS' to carry, whatever it is of: what upgrades it is seen over both versions.
  const upgrading = secure.filter(({ transport }) => transportRow(transport).connectsBy === 'upgrade');
  const everyRow = [...rows, ...upgrading, ...overHttp2];
  test.each(everyRow)(
    'deliver every byte of what was there and of what comes over $transport, $values',
    async (row) => {
      await using node = await open(row);
      await node.append('before');
      const startNs = monotonicNs();
      const subscriber = await subscribe({ ...row, port: node.port });
      const payloads = [
        '',
        'a\nb\r\nc',
        '"quoted", \\back\\',
        '🛰️ größer 数',
        '\u2028\u0000],\n[',
        'x'.repeat(64 * 1024),
      ];
      for (const payload of payloads) await node.append({ payload });
      await Promise.all(numbers(8, 100).map(async (index) => node.append({ index })));
      await subscriber.untilSeq(100);
      expect(subscriber.sequence).toEqual(numbers(1, 100));
      expect(subscriber.openings).toBe(1);
      expect(subscriber.intact).toBe(true);
      expect(subscriber.end).toBeUndefined();
      // By the clock of this machine: neither before it was asked for nor after it was told.
      expect(subscriber.receivedNs).toHaveLength(100);
      expect(Math.min(...subscriber.receivedNs)).toBeGreaterThan(startNs);
      expect(Math.max(...subscriber.receivedNs)).toBeLessThan(monotonicNs());
      subscriber.close();
    },
  );

  test.each([...usual, binary, ...overHttp2])(
    'say things, and hear their channels alone over $transport, $values',
    async (row) => {
      await using node = await open(row);
      const enter = async (user: string, ...channels: string[]): Promise<TimedSubscriber> =>
        subscribe({ ...row, port: node.port, member: { user, channels } });
      const [ann, ben] = await Promise.all([enter('ann'), enter('ben', 'room:1')]);
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
      expect(await ben.say({ type: 'join', channel: 'user:ann' })).toMatchObject({ reason: 'forbidden' });
      // Of the other room it hears what comes behind the number that it is told, each message once.
      const joined = await ben.say({ type: 'join', channel: 'room:2' });
      const after = 'seq' in joined ? (joined.seq ?? Number.NaN) : Number.NaN;
      await ann.say({ type: 'send', channel: 'room:2', n: 2, data: 'to you too' });
      await ann.say({ type: 'send', channel: 'room:1', n: 5, data: 'the last' });
      await ben.untilIn('room:1', data.length + 1);
      const elsewhere = after < (seqs[4] ?? Number.NaN) ? ['elsewhere'] : [];
      expect(ben.heard.slice(data.length).map((one) => one.data)).toEqual([...elsewhere, 'to you too', 'the last']);
      ann.close();
      ben.close();
    },
  );

  test.each(
    [...usual, ...secure, ...overHttp2].filter(({ transport }) => transportRow(transport).page?.comesBack === true),
  )(
    'come back by themselves over $transport, $values where they are let, and say in a header what they had last',
    async (row) => {
      await using node = await open(row);
      await using relay = await openTestRelay(node.port);
      const stock = { began: { kind: 'oldest' }, hasOneNode: true } as const;
      const subscriber = await subscribe({ ...row, port: relay.port, stock });
      for (const index of numbers(1, 3)) await node.append({ index });
      await subscriber.untilSeq(3);
      subscriber.session?.cut?.();
      await subscriber.until(({ fate }) => fate.length > 0);
      for (const index of numbers(4, 6)) await node.append({ index });
      await subscriber.untilSeq(6);
      expect(subscriber.sequence).toEqual(numbers(1, 6));
      expect([subscriber.fate, subscriber.end]).toEqual([['cut', 'tries', 'back'], undefined]);
      // Over TLS nobody on the way reads along.
      const asked = relay.asked.filter((request) => request.startsWith('GET'));
      const [places, lastIds] =
        row.isSecure === true
          ? [[], []]
          : [
              ['since=0', 'since=0'],
              [undefined, '3'],
            ];
      expect(asked.map((request) => /since=\d+/.exec(request)?.[0])).toEqual(places);
      expect(asked.map((request) => /^last-event-id: (\d+)/im.exec(request)?.[1])).toEqual(lastIds);
      await node.close();
      await subscriber.until(({ fate }) => fate.length > 3);
      expect(subscriber.fate[3]).toBe('connection-closed');
      subscriber.close();
    },
  );

  test.each(usual)(
    'go on where they were, say how it ended, and begin again in the same page over $transport, $values',
    async (row) => {
      const node = await open(row, 5);
      for (const index of numbers(1, 12)) await node.append({ index });
      await node.until(({ appended }) => appended === 12);
      const place = { ...row, port: node.port, position: { kind: 'after', seq: 3 } } as const;
      const first = await subscribe(place);
      await first.untilSeq(12);
      expect(first.notices).toEqual([{ notice: 'gap', from: 4, to: 7 }]);
      expect(first.sequence).toEqual(numbers(8, 12));
      first.close();
      const second = await subscribe({ ...place, position: { kind: 'after', seq: 10 } });
      await second.untilSeq(12);
      expect([first.sequence.length, second.sequence]).toEqual([5, [11, 12]]);
      await node.close();
      await second.until(({ end }) => end !== undefined);
      // What a page is not told it has in the words of the browser.
      expect(['websocket-close', 'connection-closed', 'http-status', 'other']).toContain(second.end?.code);
    },
  );

  const upgraded = overHttp2.filter(({ transport }) => transportRow(transport).connectsBy === 'upgrade');
  test.each(upgraded)('have one connection over HTTP/2, $transport in a stream of it', async (row) => {
    await using node = await open(row);
    await using relay = await openTestRelay(node.port);
    const subscriber = await subscribe({ ...row, port: relay.port });
    await node.append('there');
    await subscriber.untilSeq(1);
    // A connection begins with the hello of a client, in a record of a handshake (RFC 8446, section 5.1).
    expect(relay.asked.filter((bytes) => bytes.startsWith('\u0016\u0003'))).toHaveLength(2);
    subscriber.close();
  });

  test('say why they are not there where Chromium does not trust the authority of the servers', async () => {
    await using node = await open({ transport: 'sse', values: {}, isSecure: true });
    const { authority } = await newAuthority(['127.0.0.1']);
    const strangers = openPages(authority);
    const place = { origin: `https://127.0.0.1:${node.port}`, transport: 'sse' } as const;
    await expect(strangers.take(place)).rejects.toThrow(/certificate of the servers.*ERR_CERT_AUTHORITY_INVALID/);
    await strangers.close();
  });

  test('are told of where one has crashed', async () => {
    const page = await pages.take({ origin: 'http://127.0.0.1:9', transport: 'sse' });
    await page.call('end');
    const all = descendantsOf(process.pid, readChildren());
    for (const pid of all.filter(isRenderer)) process.kill(pid, 'SIGKILL');
    await expect.poll(() => troubles).toContain('a page of Chromium crashed');
  });
});

function isRenderer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('--type=renderer');
  } catch {
    // It has ended since it was listed, as those of earlier pages do.
    return false;
  }
}
