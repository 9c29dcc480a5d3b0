import { beforeAll, expect, test } from 'vitest';
import { monotonicNs } from '../scenarios/clock.ts';
import { encodeBody, encodeMessage } from '../scenarios/feed/message.ts';
import { payloadData } from '../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../scenarios/feed/schedule.ts';
import { mergeBins, Recorder } from '../scenarios/measures/recording.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../scenarios/units.ts';
import { TRANSPORT_IDS, transportRow } from '../servers/registry.ts';
import { misserveAll, type Serving } from '../servers/testing/misserve.ts';
import { openTestNode } from '../servers/testing/test-node.ts';
import { librarySession, whyNoClient } from '../load/library/clients.ts';
import { Subscribers } from '../load/workers/subscribers.ts';
import { NOTHING_WRONG } from '../scenarios/testing/clean-audit.ts';

const CLIENTS = 3;
const MESSAGES = 12;
const feed = {
  feed: { kind: 'fixed', messagesPerSecond: 1000 },
  payload: { kind: 'stock-prices', bytes: 200 },
  seed: 7,
  durationNs: MESSAGES * NS_PER_MS,
  messages: MESSAGES,
} as const;

function published(originNs: number): string[] {
  return dueOffsetsNs(feed.feed, feed.durationNs, feed.seed).map((offsetNs, index) =>
    encodeBody(originNs + offsetNs, monotonicNs(), payloadData(feed.payload, feed.seed, index)),
  );
}

/** One fault of each kind; what comes out is told message by message in the test. */
const faults: Record<number, Serving> = {
  3: () => [],
  5: (message) => [message, message],
  6: () => [],
  7: (message) => [message, held[5] ?? message],
  8: (message) => [damaged(message)],
  9: () => [encodeMessage(9, bodies[3] ?? '')],
  10: (message) => [message, Buffer.from('{"greeting":"hello"}')],
  11: () => [encodeMessage(11, resealed(bodies[10] ?? ''))],
};
let bodies: readonly string[] = [];
let held: readonly Buffer[] = [];

/** A bit of the data is another, and the checksum what it was. */
function damaged(message: Buffer): Buffer {
  const copy = Buffer.from(message);
  const place = copy.indexOf('"data"') + 20;
  copy.writeUInt8(copy.readUInt8(place) ^ 1, place);
  return copy;
}

/** A digit of the data is another, and the checksum fits. */
function resealed(body: string): string {
  const { dueNs, publishedNs, data } = JSON.parse(`{${body}`) as { dueNs: number; publishedNs: number; data: object };
  return encodeBody(dueNs, publishedNs, JSON.stringify({ ...data, volume: 1 }));
}

const audited = TRANSPORT_IDS.flatMap((transport) => [
  { transport, by: 'natively', find: async () => (await transportRow(transport).client()).openSession },
  ...(whyNoClient({ transport, values: {} }) !== undefined
    ? []
    : [{ transport, by: 'by its library', find: async () => librarySession(transport) }]),
]);

beforeAll(() => {
  misserveAll((message, seq) => faults[seq]?.(message, seq) ?? [message]);
});

test.each(audited)('every fault of a server is named exactly over $transport, $by', async ({ transport, find }) => {
  await using node = await openTestNode({ transport, backplane: 'memory' });
  const target = { host: '127.0.0.1', port: node.port };
  const sessions = Array.from({ length: CLIENTS }, (_, client) => ({ client, target, pollOriginNs: 0 }));
  const subscribers = new Subscribers({
    transport,
    targets: [target],
    sessions,
    pollIntervalNs: 5 * NS_PER_MS,
    values: { headers: 'minimal' },
    feed,
  });
  await subscribers.ramp(find);
  const bins = { originNs: monotonicNs(), binNs: 60 * NS_PER_SECOND, count: 1 };
  const recorder = new Recorder(bins);
  subscribers.record(recorder, bins);
  bodies = published(bins.originNs);
  held = bodies.map((body, index) => encodeMessage(index + 1, body));
  for (const body of bodies) await node.appendBody(body);
  await expect.poll(() => subscribers.allHave(MESSAGES)).toBe(true);
  subscribers.close();
  expect(subscribers.audit(MESSAGES)).toEqual({
    subscribers: CLIENTS,
    expected: CLIENTS * MESSAGES,
    // One was dropped, one came twice.
    received: CLIENTS * MESSAGES,
    ...NOTHING_WRONG,
    // 3 was dropped; 9 and 11 never came, something else did.
    lost: CLIENTS * 3,
    duplicated: CLIENTS,
    reordered: CLIENTS,
    corrupted: CLIENTS,
    misplaced: CLIENTS * 2,
    foreign: CLIENTS,
  });
  const { counters, histograms } = mergeBins(recorder.snapshot());
  expect(counters.deliveries).toBe(CLIENTS * MESSAGES);
  // Neither the corrupted one nor the misplaced ones have a latency.
  expect([histograms.staleness?.count, histograms.delivery?.count]).toEqual([CLIENTS * 9, CLIENTS * 9]);
});
