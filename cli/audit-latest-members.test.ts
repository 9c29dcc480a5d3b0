import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { monotonicNs } from '../scenarios/clock.ts';
import { scriptOf } from '../scenarios/feed/kinds/feed-kinds.ts';
import type { RoundsFeed } from '../scenarios/feed/kinds/feed-schemas.ts';
import { speakerOf } from '../scenarios/feed/message.ts';
import { userName } from '../scenarios/feed/script.ts';
import { mergeBins, Recorder } from '../scenarios/measures/recording.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../scenarios/units.ts';
import { librarySession, whyNoClient } from '../load/library/clients.ts';
import type { AuditCounts } from '../load/subscribers/audit.ts';
import { scriptedOptions, Talkers } from '../load/workers/talkers.ts';
import type { Entry } from '../servers/feed/log.ts';
import { LatestLog } from '../servers/feed/latest-log.ts';
import { SubscribedLog } from '../servers/feed/subscribed-log.ts';
import { WaitingLog } from '../servers/feed/waiting-log.ts';
import { TRANSPORT_IDS, transportRow } from '../servers/registry.ts';
import { misserve, misserveReaders } from '../servers/testing/misserve.ts';
import { openTestNode } from '../servers/testing/test-node.ts';

/** Servers that give the newest of each sender, and do it wrong. */

const CLIENTS = 8;
const ROOM_SIZE = 4;
const feed: RoundsFeed = {
  kind: 'rounds',
  messagesPerSecond: 800,
  roomSize: ROOM_SIZE,
  publisherShare: 0,
  clientsSayTo: 'room',
};
const planned = {
  feed,
  payload: { kind: 'cursors', bytes: 60 },
  seed: 3,
  durationNs: 300 * NS_PER_MS,
  clients: CLIENTS,
} as const;
const { messages } = scriptOf(planned);
const EACH = messages.length / CLIENTS;

/** What is handed out in the place of a message. */
type Spoil = (entry: Entry, from: string, n: number) => readonly Entry[];
const faultless: Spoil = (entry) => [entry];
let spoil = faultless;

beforeAll(() => {
  const serving = (entry: Entry): readonly Entry[] => {
    const speaker = speakerOf(entry);
    const n = Number(/"n":(\d+)/.exec(entry.toString())?.[1]);
    return speaker === undefined || !speaker.channel.startsWith('room:') ? [entry] : spoil(entry, speaker.from, n);
  };
  misserve(LatestLog.prototype, serving);
  // Who asks, or waits for an answer, reads it by a view of its own.
  misserveReaders(SubscribedLog.prototype, serving);
  misserveReaders(WaitingLog.prototype, serving);
});

beforeEach(() => {
  spoil = faultless;
});

const audited = TRANSPORT_IDS.filter((id) => transportRow(id).dimensions.deliver !== undefined).flatMap((transport) => [
  { transport, by: 'natively', find: async () => (await transportRow(transport).client()).openSession },
  ...(whyNoClient({ transport, values: {} }) !== undefined
    ? []
    : [{ transport, by: 'by its library', find: async () => librarySession(transport) }]),
]);

async function converse({ transport, find }: (typeof audited)[number]): Promise<{
  readonly audit: AuditCounts;
  readonly counters: ReturnType<typeof mergeBins>['counters'];
}> {
  const values = { headers: 'minimal', deliver: 'latest' } as const;
  await using node = await openTestNode({ transport, values, latestWindowMs: 40, key: { kind: 'sender' } });
  const target = { host: '127.0.0.1', port: node.port };
  const sessions = Array.from({ length: CLIENTS }, (_, client) => ({
    client,
    target,
    pollOriginNs: 0,
    member: { user: userName(client), channels: [`room:${Math.floor(client / ROOM_SIZE)}`] },
  }));
  const options = scriptedOptions({
    transport,
    targets: [target],
    sessions,
    pollIntervalNs: 40 * NS_PER_MS,
    values,
    feed: { ...planned, messages: messages.length, replacedWithinNs: NS_PER_SECOND },
  });
  if (options === undefined) throw new TypeError('it is said by clients');
  const talkers = new Talkers(options);
  const { subscribers } = talkers;
  await subscribers.ramp(find);
  const bins = { originNs: monotonicNs(), binNs: 60 * NS_PER_SECOND, count: 1 };
  const recorder = new Recorder(bins);
  subscribers.record(recorder, bins);
  await talkers.hold(recorder, bins, () => undefined);
  const { spoken } = talkers;
  const endNs = monotonicNs() + NS_PER_SECOND;
  await expect.poll(() => subscribers.allHave(spoken) || monotonicNs() > endNs, { timeout: 5000 }).toBe(true);
  subscribers.close();
  return {
    audit: { ...subscribers.audit(spoken), ...talkers.counts },
    counters: mergeBins(recorder.snapshot()).counters,
  };
}

const EXPECTED = messages.length * ROOM_SIZE;
const CLEAN = {
  subscribers: CLIENTS,
  expected: EXPECTED,
  lost: 0,
  declaredLost: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  misplaced: 0,
  foreign: 0,
  unanswered: 0,
  refused: 0,
};

describe.each(audited)('over $transport, $by,', (way) => {
  test('what was left out for the newest of a sender is no loss', async () => {
    const { audit, counters } = await converse(way);
    expect(audit).toMatchObject(CLEAN);
    expect(audit.leftOut).toBeGreaterThan(0);
    expect(audit.received + audit.leftOut).toBe(EXPECTED);
    expect(counters.acknowledged).toBe(messages.length);
    expect(counters.shownAge).toBeGreaterThan(0);
  });
});

/** How a client gets it makes no difference to what it is held against. */
const pushedAndPolled = audited.filter(
  ({ transport, by }) => by === 'natively' && (transport === 'websocket' || transport === 'polling'),
);

describe.each(pushedAndPolled)('over $transport', (way) => {
  test('of one sender the newest that is dropped, one that comes twice, and an older one behind a newer are named', async () => {
    const kept: Entry[] = [];
    spoil = (entry, from, n) => {
      if (from === userName(0)) return n === EACH ? [] : [entry];
      if (from === userName(1)) return n === EACH ? [entry, entry] : [entry];
      if (from !== userName(2)) return [entry];
      if (n < EACH) {
        kept.push(entry);
        return [];
      }
      return [entry, ...kept.slice(0, 1)];
    };
    const { audit } = await converse(way);
    expect(audit).toMatchObject({
      ...CLEAN,
      lost: expect.any(Number) as number,
      duplicated: ROOM_SIZE,
      reordered: ROOM_SIZE,
    });
    expect(audit.lost).toBeGreaterThanOrEqual(ROOM_SIZE);
    expect(audit.lost).toBeLessThanOrEqual(ROOM_SIZE * EACH);
  });
});
