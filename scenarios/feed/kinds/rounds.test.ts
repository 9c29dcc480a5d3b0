import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueOffsetsNs } from '../schedule.ts';
import { PUBLISHER } from '../script.ts';
import { isSaidByClients, isWithoutPublisher, roomsOf, scriptOf } from './feed-kinds.ts';
import type { RoundsFeed } from './feed-schemas.ts';

const CURSORS: RoundsFeed = {
  kind: 'rounds',
  messagesPerSecond: 320,
  roomSize: 8,
  publisherShare: 0,
  clientsSayTo: 'room',
};
const GAME: RoundsFeed = {
  ...CURSORS,
  messagesPerSecond: 200,
  roomSize: 32,
  publisherShare: 0.2,
  clientsSayTo: 'server',
};

const options = fc.record({
  feed: fc.record({
    kind: fc.constant('rounds' as const),
    messagesPerSecond: fc.constantFrom(10, 300),
    roomSize: fc.integer({ min: 2, max: 9 }),
    publisherShare: fc.constantFrom(0, 0.2, 0.5, 1),
    clientsSayTo: fc.constantFrom('room' as const, 'server' as const),
  }),
  clients: fc.integer({ min: 1, max: 20 }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  durationNs: fc.integer({ min: 1, max: 2e9 }),
});

test('everybody has as many turns as the others, and numbers of its own without holes', () => {
  fc.assert(
    fc.property(options, (given) => {
      const { messages } = scriptOf(given);
      expect(messages.map(({ offsetNs }) => offsetNs)).toEqual(dueOffsetsNs(given.feed, given.durationNs, given.seed));
      const counts = new Map<string, number[]>();
      for (const { sender, channel, n } of messages) {
        const key = `${channel} ${sender}`;
        counts.set(key, [...(counts.get(key) ?? []), n]);
      }
      for (const own of counts.values()) expect(own).toEqual(own.map((_, index) => index + 1));
      const said = messages.flatMap(({ sender }) => (typeof sender === 'number' ? [sender] : []));
      const turns = Array.from({ length: given.clients }, (_, client) => said.filter((one) => one === client).length);
      expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
    }),
  );
});

test('of all messages the publisher has its share, at any time to within one', () => {
  fc.assert(
    fc.property(options, (given) => {
      let own = 0;
      for (const { sender, index } of scriptOf(given).messages) {
        if (sender === PUBLISHER) own += 1;
        expect(Math.abs(own - (index + 1) * given.feed.publisherShare)).toBeLessThan(1);
      }
    }),
  );
});

test('a cursor goes to its room, ten times a second from each', () => {
  const { messages } = scriptOf({ feed: CURSORS, clients: 32, seed: 1, durationNs: 10e9 });
  expect(messages.filter(({ sender }) => sender === 5)).toHaveLength(100);
  for (const { sender, channel } of messages) expect(channel).toBe(roomsOf(CURSORS, Number(sender))[0]);
  expect([isSaidByClients(CURSORS), isWithoutPublisher(CURSORS)]).toEqual([true, true]);
});

test('a state of a game goes to each room twenty times a second, and inputs to nobody but the server', () => {
  const { messages } = scriptOf({ feed: GAME, clients: 64, seed: 1, durationNs: 10e9 });
  const states = messages.filter(({ sender }) => sender === PUBLISHER);
  for (const room of ['room:0', 'room:1']) expect(states.filter(({ channel }) => channel === room)).toHaveLength(200);
  const inputs = messages.filter(({ sender }) => sender !== PUBLISHER);
  expect(inputs).toHaveLength(1600);
  expect(new Set(inputs.map(({ channel }) => channel))).toEqual(new Set(['server:0', 'server:1']));
  expect([isSaidByClients(GAME), isWithoutPublisher(GAME)]).toEqual([true, false]);
});
