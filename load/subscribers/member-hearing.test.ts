import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { userChannel } from '../../scenarios/feed/channels.ts';
import { type AddressedFeed, scriptOf } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { publishedMessages } from '../../scenarios/feed/kinds/published-messages.ts';
import { channelOf, encodeMessage, HeaderReader } from '../../scenarios/feed/message.ts';
import { countDue, type PlannedFeed } from '../../scenarios/feed/schedule.ts';
import { userName } from '../../scenarios/feed/script.ts';
import type { AuditCounts } from './audit.ts';
import { MemberHearing } from './member-hearing.ts';

/** What a publisher says to some, from the publisher's bodies to the audit, with no server between. */

const ORIGIN_NS = 5e12;
const CLIENTS = 5;
const feed: AddressedFeed = { kind: 'direct', messagesPerSecond: 30 };
const planned: PlannedFeed & { readonly feed: AddressedFeed } = {
  feed,
  payload: { kind: 'notifications', bytes: 64 },
  seed: 3,
  durationNs: 2e9,
  clients: CLIENTS,
};

interface Delivery {
  readonly client: number;
  readonly bytes: Buffer;
}

/** As a server would that does what it should. */
const faultless: readonly Delivery[] = [...publishedMessages(planned)].flatMap(({ offsetNs, bodyOf }, index) => {
  const bytes = encodeMessage(index + 1, bodyOf(ORIGIN_NS + offsetNs, ORIGIN_NS + offsetNs + 1));
  const channel = channelOf(bytes);
  return Array.from({ length: CLIENTS }, (_, client) => ({ client, bytes })).filter(
    ({ client }) => channel === userChannel(userName(client)),
  );
});
const published = faultless.length;

function audited(deliveries: readonly Delivery[]): AuditCounts {
  const hearing = new MemberHearing(scriptOf({ ...planned, clients: CLIENTS }), planned);
  const audits = Array.from({ length: CLIENTS }, (_, client) => hearing.open(client));
  hearing.begin(ORIGIN_NS);
  const reader = new HeaderReader();
  for (const { client, bytes } of deliveries) {
    reader.read(bytes);
    audits[client]?.message(reader);
  }
  expect(audits.every((audit) => audit.hasAll(published))).toBe(hearing.audit(published).lost === 0);
  return hearing.audit(published);
}

const CLEAN = { expected: published, received: published, lost: 0, duplicated: 0, reordered: 0, misplaced: 0 };

test('every message is for one client, as many as are due', () => {
  expect(published).toBe(countDue(feed, planned.durationNs, planned.seed));
  expect(new Set(faultless.map(({ client }) => client)).size).toBe(CLIENTS);
  expect(audited(faultless)).toMatchObject({ subscribers: CLIENTS, ...CLEAN, corrupted: 0, foreign: 0 });
});

test('what one client lacks, has twice, or gets in the place of another is counted as that, and as nothing else', () => {
  fc.assert(
    fc.property(fc.nat({ max: published - 1 }), fc.integer({ min: 1, max: CLIENTS - 1 }), (at, further) => {
      const one = faultless[at];
      if (one === undefined) throw new RangeError('there are so many');
      expect(audited(faultless.toSpliced(at, 1))).toMatchObject({ ...CLEAN, received: published - 1, lost: 1 });
      expect(audited([...faultless, one])).toMatchObject({ ...CLEAN, received: published + 1, duplicated: 1 });
      const stray = { ...one, client: (one.client + further) % CLIENTS };
      expect(audited([...faultless, stray])).toMatchObject({ ...CLEAN, received: published + 1, misplaced: 1 });
      expect(audited(faultless.with(at, stray))).toMatchObject({ ...CLEAN, lost: 1, misplaced: 1 });
    }),
    { numRuns: 50 },
  );
});

test('two messages of one client that change places are one reordered', () => {
  const [first, second] = faultless
    .map((delivery, at) => ({ delivery, at }))
    .filter(({ delivery }) => delivery.client === faultless[0]?.client);
  if (first === undefined || second === undefined) throw new RangeError('a client has several');
  const swapped = faultless.with(first.at, second.delivery).with(second.at, first.delivery);
  expect(audited(swapped)).toMatchObject({ ...CLEAN, reordered: 1 });
});
