import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueOf } from '../scenarios/dimensions.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { encodeBody, encodeMessage } from '../scenarios/feed/message.ts';
import { payloadData, payloadKey } from '../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../scenarios/feed/schedule.ts';
import { Recorder } from '../scenarios/measures/recording.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../scenarios/units.ts';
import { librarySession, whyNoClient } from '../load/library/clients.ts';
import type { AuditCounts } from '../load/subscribers/audit.ts';
import { Subscribers } from '../load/workers/subscribers.ts';
import { LatestLog } from '../servers/feed/latest-log.ts';
import { SubscribedLog } from '../servers/feed/subscribed-log.ts';
import { WaitingLog } from '../servers/feed/waiting-log.ts';
import { TRANSPORT_IDS, type TransportId, transportRow } from '../servers/registry.ts';
import type { OpenSession } from '../servers/transport.ts';
import { misserve, misserveReaders, type Serving } from '../servers/testing/misserve.ts';
import { openTestNode } from '../servers/testing/test-node.ts';
import { NOTHING_WRONG } from '../scenarios/testing/clean-audit.ts';

/** Servers that give the newest of each key, and do it wrong. */

const CLIENTS = 3;
const MESSAGES = 20;
const feed = {
  feed: { kind: 'fixed', messagesPerSecond: 1000 },
  payload: { kind: 'stock-prices', bytes: 200 },
  // In this feed nothing replaces the first message, which may go out before all others.
  seed: 3,
  durationNs: MESSAGES * NS_PER_MS,
  messages: MESSAGES,
  replacedWithinNs: 5 * NS_PER_SECOND,
} as const;

const keys = Array.from({ length: MESSAGES }, (_, index) => payloadKey(feed.payload.kind, feed.seed, index));
const keyOf = (seq: number): string => keys[seq - 1] ?? '';
/** All others lie in one window. */
const served = keys.flatMap((key, index) => (keys.lastIndexOf(key) === index ? [index + 1] : []));
const ofLastKey = keys.filter((key) => key === keyOf(MESSAGES)).length;

let bodies: readonly string[] = [];
let serving: Serving = (message) => [message];

beforeAll(() => {
  const now: Serving = (message, seq) => serving(message, seq);
  misserve(LatestLog.prototype, now);
  // Who asks, or waits for an answer, reads it by a view of its own.
  misserveReaders(SubscribedLog.prototype, now);
  misserveReaders(WaitingLog.prototype, now);
});

beforeEach(() => {
  serving = (message) => [message];
});

const audited = TRANSPORT_IDS.filter((id) => transportRow(id).dimensions.deliver !== undefined).flatMap((transport) => [
  { transport, by: 'natively', find: async () => (await transportRow(transport).client()).openSession },
  ...(whyNoClient({ transport, values: {} }) !== undefined
    ? []
    : [{ transport, by: 'by its library', find: async () => librarySession(transport) }]),
]);
const askingForStates = audited
  .filter(({ transport }) => transportRow(transport).dimensions.ask !== undefined)
  .map((row) => ({ ...row, ask: 'etag' as const }));

interface Audited {
  readonly transport: TransportId;
  readonly find: () => Promise<OpenSession>;
  readonly ask: ValueOf<'ask'>;
}

/** `beforeLast` is awaited before the last message. */
async function auditOf(
  { transport, find, ask }: Audited,
  beforeLast: (subscribers: Subscribers) => Promise<void> = async () => undefined,
): Promise<AuditCounts> {
  const values = { headers: 'minimal', deliver: 'latest', ask } as const;
  await using node = await openTestNode({ transport, backplane: 'memory', values, latestWindowMs: 20 });
  const target = { host: '127.0.0.1', port: node.port };
  const sessions = Array.from({ length: CLIENTS }, (_, client) => ({ client, target, pollOriginNs: 0 }));
  const subscribers = new Subscribers({
    transport,
    targets: [target],
    sessions,
    pollIntervalNs: 5 * NS_PER_MS,
    values,
    feed,
  });
  await subscribers.ramp(find);
  const bins = { originNs: monotonicNs(), binNs: 60 * NS_PER_SECOND, count: 1 };
  subscribers.record(new Recorder(bins), bins);
  const offsets = dueOffsetsNs(feed.feed, feed.durationNs, feed.seed);
  bodies = offsets.map((offsetNs, index) =>
    encodeBody(bins.originNs + offsetNs, monotonicNs(), payloadData(feed.payload, feed.seed, index)),
  );
  for (const body of bodies.slice(0, -1)) await node.appendBody(body);
  await beforeLast(subscribers);
  await node.appendBody(bodies.at(-1) ?? '');
  await expect.poll(() => subscribers.allHave(MESSAGES)).toBe(true);
  subscribers.close();
  return subscribers.audit(MESSAGES);
}

describe.each([...audited.map((row) => ({ ...row, ask: 'since' as const })), ...askingForStates])(
  'over $transport, $by, by $ask,',
  (row) => {
    const audit = async (): Promise<AuditCounts> => auditOf(row);

    const clean = {
      subscribers: CLIENTS,
      expected: CLIENTS * MESSAGES,
      received: CLIENTS * served.length,
      ...NOTHING_WRONG,
      leftOut: CLIENTS * (MESSAGES - served.length),
    };

    test('what was left out for a newer one is no loss', async () => {
      expect(await audit()).toEqual(clean);
    });

    test('an older value after a newer one is named', async () => {
      const older = keys.slice(0, -1).lastIndexOf(keyOf(MESSAGES)) + 1;
      expect([keyOf(older), served.includes(older)]).toEqual([keyOf(MESSAGES), false]);
      serving = (message, seq) =>
        seq === MESSAGES ? [message, encodeMessage(older, bodies[older - 1] ?? '')] : [message];
      expect(await audit()).toEqual({
        ...clean,
        received: clean.received + CLIENTS,
        leftOut: clean.leftOut - CLIENTS,
        reordered: CLIENTS,
      });
    });

    test('a last value that is dropped is named, with all that it would have replaced', async () => {
      const dropped = served.at(-2) ?? 0;
      serving = (message, seq) => (seq === dropped ? [] : [message]);
      const ofKey = keys.filter((key) => key === keyOf(dropped)).length;
      expect(await audit()).toEqual({
        ...clean,
        received: clean.received - CLIENTS,
        lost: CLIENTS * ofKey,
        leftOut: clean.leftOut - CLIENTS * (ofKey - 1),
      });
    });

    test('a server that sends nothing but the last message is named', async () => {
      serving = (message, seq) => (seq === MESSAGES ? [message] : []);
      expect(await audit()).toEqual({
        ...clean,
        received: CLIENTS,
        leftOut: CLIENTS * (ofLastKey - 1),
        lost: CLIENTS * (MESSAGES - ofLastKey),
      });
    });
  },
);

test.each(askingForStates)(
  'over $transport, $by, the newest of a key that is not in a state is lost, though everybody has it',
  async (row) => {
    const [gone] = served;
    const counts = await auditOf(row, async (subscribers) => {
      await expect.poll(() => subscribers.allHave(MESSAGES - 1)).toBe(true);
      serving = (message, seq) => (seq === gone ? [] : [message]);
    });
    expect(counts).toMatchObject({ lost: CLIENTS, declaredLost: 0, duplicated: 0, reordered: 0, misplaced: 0 });
  },
);
