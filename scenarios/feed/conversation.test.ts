import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isChannel, isUser } from './channels.ts';
import { homeRoom, planConversation } from './conversation.ts';
import { dueOffsetsNs } from './schedule.ts';
import { hashFeed } from './schedule-hash.ts';
import { type Script, userName } from './script.ts';
import { messagesOfTurns, turnsOf } from './turns.ts';
import type { ConversationFeed } from './kinds/feed-schemas.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const feed: fc.Arbitrary<ConversationFeed> = fc.record({
  kind: fc.constant('conversation'),
  messagesPerSecond: fc.constantFrom(1, 20, 300),
  roomSize: fc.integer({ min: 2, max: 12 }),
  burst: fc.integer({ min: 1, max: 6 }),
  directShare: share,
  typingShare: share,
  visitsPerSecond: fc.constantFrom(0, 1, 40),
  visitSeconds: fc.constantFrom(0.1, 1, 5),
});
const options = fc.record({
  feed,
  clients: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  durationNs: fc.integer({ min: 1, max: 3e9 }),
});

const CHAT: ConversationFeed = {
  kind: 'conversation',
  messagesPerSecond: 30,
  roomSize: 30,
  burst: 4,
  directShare: 0.1,
  typingShare: 0.5,
  visitsPerSecond: 2,
  visitSeconds: 3,
};

function planned(seconds: number, change: Partial<ConversationFeed> = {}): Script<number> {
  return planConversation({ feed: { ...CHAT, ...change }, clients: 300, seed: 7, durationNs: seconds * 1e9 });
}

test('its messages are due when the schedule says, whoever says them', () => {
  fc.assert(
    fc.property(options, (given) => {
      const { messages } = planConversation(given);
      expect(messages.map(({ offsetNs }) => offsetNs)).toEqual(dueOffsetsNs(given.feed, given.durationNs, given.seed));
      expect(messages.map(({ index }) => index)).toEqual([...messages.keys()]);
    }),
  );
});

test('what one says in a channel is numbered from 1 without holes, in the order in which it is due', () => {
  fc.assert(
    fc.property(options, (given) => {
      const last = new Map<string, number>();
      for (const { sender, channel, n } of planConversation(given).messages) {
        const key = `${sender} ${channel}`;
        expect(n).toBe((last.get(key) ?? 0) + 1);
        last.set(key, n);
      }
    }),
  );
});

test('everybody is one of the clients, in channels that there are', () => {
  fc.assert(
    fc.property(options, (given) => {
      const { clients } = given;
      const rooms = new Set(Array.from({ length: clients }, (_, client) => homeRoom(given.feed, client)));
      const users = new Set(Array.from({ length: clients }, (_, client) => `user:${userName(client)}`));
      const { messages, typings, visits } = planConversation(given);
      for (const { sender, channel } of [...messages, ...typings]) {
        expect(sender).toBeLessThan(clients);
        expect(isUser(userName(sender)) && isChannel(channel)).toBe(true);
        expect(rooms.has(channel) || users.has(channel)).toBe(true);
        expect(clients > 1 && channel === `user:${userName(sender)}`).toBe(false);
      }
      for (const { client, channel } of visits) {
        expect(rooms.has(channel)).toBe(true);
        expect(channel).not.toBe(homeRoom(given.feed, client));
      }
    }),
  );
});

test('nobody is in two rooms besides the own', () => {
  fc.assert(
    fc.property(options, (given) => {
      const until = new Map<number, number>();
      for (const { client, joinNs, leaveNs } of planConversation(given).visits) {
        expect(joinNs).toBeGreaterThanOrEqual(until.get(client) ?? 0);
        expect(joinNs).toBeLessThan(given.durationNs);
        expect(leaveNs === undefined || (leaveNs > joinNs && leaveNs < given.durationNs)).toBe(true);
        until.set(client, leaveNs ?? Number.POSITIVE_INFINITY);
      }
    }),
  );
});

test('turns and their messages come in order, and a burst is one sender in one channel', () => {
  fc.assert(
    fc.property(feed, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (given, seed) => {
      const turns = turnsOf(given, seed);
      let previous = 0;
      for (let count = 0; count < 50; count++) {
        const { startNs, messagesNs } = turns.next().value;
        expect(startNs).toBeGreaterThanOrEqual(previous);
        expect(messagesNs.length).toBeGreaterThanOrEqual(1);
        expect(messagesNs.length).toBeLessThanOrEqual(given.burst);
        expect(messagesNs.toSorted((a, b) => a - b)).toEqual(messagesNs);
        expect(messagesNs[0]).toBeGreaterThan(startNs);
        previous = startNs;
      }
      const all = messagesOfTurns(given, seed);
      let last = 0;
      for (let count = 0; count < 100; count++) {
        const { offsetNs } = all.next().value;
        expect(offsetNs).toBeGreaterThanOrEqual(last);
        last = offsetNs;
      }
    }),
  );
});

describe('a chat of some minutes', () => {
  const { messages, typings, visits } = planned(200);

  test('comes to its rate, and everybody says something', () => {
    expect(messages.length / 200).toBeGreaterThan(27);
    expect(messages.length / 200).toBeLessThan(33);
    expect(new Set(messages.map(({ sender }) => sender)).size).toBe(300);
  });

  test('has its shares of direct messages and of signs of writing, and its visits', () => {
    const direct = messages.filter(({ channel }) => channel.startsWith('user:')).length / messages.length;
    expect(direct).toBeGreaterThan(0.07);
    expect(direct).toBeLessThan(0.13);
    // A turn is 2.5 messages.
    const shown = typings.length / (messages.length / 2.5);
    expect(shown).toBeGreaterThan(0.45);
    expect(shown).toBeLessThan(0.55);
    expect(visits.length / 200).toBeGreaterThan(1.6);
    expect(visits.length / 200).toBeLessThan(2.4);
  });

  test('guests speak where they are', () => {
    const rooms = new Map(visits.map(({ client, channel }) => [`${client} ${channel}`, channel]));
    const guests = messages.filter(({ sender, channel }) => rooms.has(`${sender} ${channel}`));
    expect(guests.length).toBeGreaterThan(5);
  });
});

test('rooms without neighbours have no visitors', () => {
  expect(planned(20, { roomSize: 300 }).visits).toEqual([]);
  expect(planned(20, { visitsPerSecond: 0 }).visits).toEqual([]);
});

describe('its hash', () => {
  const payload = { kind: 'chat-messages', bytes: 150 } as const;
  const hash = async (change: object = {}): Promise<string | undefined> =>
    hashFeed({ feed: CHAT, payload, durationNs: 10e9, seed: 1, clients: 300, ...change });

  test('is of who says what where, too', async () => {
    const others = await Promise.all([
      hash({ clients: 299 }),
      hash({ seed: 2 }),
      hash({ feed: { ...CHAT, roomSize: 29 } }),
      hash({ feed: { ...CHAT, directShare: 0.2 } }),
      hash({ feed: { ...CHAT, visitSeconds: 3.1 } }),
      hash({ payload: { ...payload, bytes: 151 } }),
    ]);
    expect(new Set([await hash(), ...others]).size).toBe(others.length + 1);
    expect(await hash()).toBe(await hash());
  });
});
