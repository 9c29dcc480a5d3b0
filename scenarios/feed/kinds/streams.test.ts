import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueOffsetsNs } from '../schedule.ts';
import type { SaidMessage } from '../script.ts';
import { isAddressed, scriptOf } from './feed-kinds.ts';
import { feedSchema, type StreamsFeed } from './feed-schemas.ts';

const TOKENS: StreamsFeed = {
  kind: 'streams',
  messagesPerSecond: 800,
  streamMessages: 80,
  streamPerSecond: 40,
  cut: { after: 20, share: 0.2 },
};

const options = fc.record({
  feed: fc.record({
    kind: fc.constant('streams' as const),
    messagesPerSecond: fc.constantFrom(20, 300),
    streamMessages: fc.integer({ min: 2, max: 12 }),
    streamPerSecond: fc.constantFrom(5, 100),
    cut: fc.record({ after: fc.constant(1), share: fc.constantFrom(0, 0.5, 1) }),
  }),
  clients: fc.integer({ min: 1, max: 20 }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  durationNs: fc.integer({ min: 1, max: 2e9 }),
});

function byStream(messages: readonly SaidMessage[]): SaidMessage[][] {
  return [...Map.groupBy(messages, ({ part }) => part?.stream ?? -1).values()];
}

test('a stream is for one client, and its messages follow one another at its rate', () => {
  fc.assert(
    fc.property(options, (given) => {
      const { messages } = scriptOf(given);
      for (const own of byStream(messages)) {
        const [first] = own;
        expect(new Set(own.map(({ channel }) => channel)).size).toBe(1);
        expect(own.map(({ part }) => part?.place)).toEqual([...own.keys()]);
        expect(own.length).toBeLessThanOrEqual(given.feed.streamMessages);
        const gapNs = 1e9 / given.feed.streamPerSecond;
        for (const { offsetNs, part } of own)
          expect(Math.abs(offsetNs - (first?.offsetNs ?? 0) - (part?.place ?? 0) * gapNs)).toBeLessThan(1);
      }
    }),
  );
});

test('messages are due when the schedule says, in order, and a longer feed begins as a shorter one', () => {
  fc.assert(
    fc.property(options, (given) => {
      const { messages } = scriptOf(given);
      const due = messages.map(({ offsetNs }) => offsetNs);
      expect(due).toEqual(dueOffsetsNs(given.feed, given.durationNs, given.seed));
      expect(due.toSorted((a, b) => a - b)).toEqual(due);
      const longer = scriptOf({ ...given, durationNs: given.durationNs * 2 }).messages;
      expect(longer.slice(0, messages.length)).toEqual(messages);
    }),
  );
});

test('what one client hears is numbered without holes, whatever streams it is of', () => {
  fc.assert(
    fc.property(options, (given) => {
      for (const own of Map.groupBy(scriptOf(given).messages, ({ channel }) => channel).values())
        expect(own.map(({ n }) => n)).toEqual(own.map((_, index) => index + 1));
    }),
  );
});

test('comes to its rate and its share of cuts, each behind the message that was asked for', () => {
  const { messages } = scriptOf({ feed: TOKENS, clients: 100, seed: 1, durationNs: 300e9 });
  expect(messages.length / 300).toBeGreaterThan(760);
  expect(messages.length / 300).toBeLessThan(840);
  const cuts = messages.filter(({ cuts: isCut }) => isCut === true);
  const share = cuts.length / byStream(messages).length;
  expect(share).toBeGreaterThan(0.18);
  expect(share).toBeLessThan(0.22);
  expect(new Set(cuts.map(({ part }) => part?.place))).toEqual(new Set([19]));
});

test('clients have streams in turn, so that each has ended when its client has the next one', () => {
  const { messages } = scriptOf({ feed: TOKENS, clients: 100, seed: 1, durationNs: 60e9 });
  const streams = byStream(messages);
  const latestNs = new Map<string, number>();
  const heard = new Set(streams.slice(0, 100).map(([first]) => first?.channel));
  expect(heard.size).toBe(100);
  for (const own of streams) {
    const { channel = '', offsetNs = 0 } = own[0] ?? {};
    expect(latestNs.get(channel) ?? -1).toBeLessThan(offsetNs);
    latestNs.set(channel, own.at(-1)?.offsetNs ?? 0);
  }
});

test('is addressed, and cannot be cut behind its last message', () => {
  expect(isAddressed(TOKENS)).toBe(true);
  const late = feedSchema.safeParse({ ...TOKENS, cut: { after: 80, share: 1 } });
  expect(late.error?.issues[0]).toMatchObject({ path: ['cut', 'after'] });
  expect(feedSchema.safeParse({ ...TOKENS, cut: { after: 79, share: 1 } }).success).toBe(true);
});
