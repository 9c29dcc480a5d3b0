import { describe, expect, test } from 'vitest';
import { encodeBody, encodeMessage, HeaderReader } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import type { Arrival } from './audit.ts';
import { type Expected, Expectation, messagesWithKnownData } from './expectation.ts';

const ORIGIN_NS = 5e15;
const feed: Expected = {
  feed: { kind: 'poisson', messagesPerSecond: 50 },
  payload: { kind: 'match-scores', bytes: 300 },
  seed: 3,
  durationNs: NS_PER_SECOND,
  messages: 50,
};
const offsets = dueOffsetsNs(feed.feed, feed.durationNs, feed.seed);

/** The body of message `seq` as the publisher makes it, or with something of another. */
function body(seq: number, { data = seq, publishedNs = ORIGIN_NS + 1 }: { data?: number; publishedNs?: number } = {}) {
  const dueNs = ORIGIN_NS + (offsets[seq - 1] ?? Number.NaN);
  return encodeBody(dueNs, publishedNs, payloadData(feed.payload, feed.seed, data - 1));
}

function begun(): Expectation {
  const expectation = new Expectation(feed);
  expectation.begin(ORIGIN_NS);
  return expectation;
}

const reader = new HeaderReader();

function arrival(expectation: Expectation, seq: number, text: string): Arrival {
  if (!reader.read(encodeMessage(seq, text))) throw new TypeError('no message');
  return expectation.arrival(reader);
}

describe('with a checksum that fits', () => {
  test('the message of the number is right, to every subscriber and however often it comes', () => {
    const expectation = begun();
    for (const seq of [1, 2, 2, 1, offsets.length]) expect(arrival(expectation, seq, body(seq))).toBe('right');
  });

  test('the body of another number is misplaced, whichever came first', () => {
    const expectation = begun();
    expect(arrival(expectation, 8, body(7))).toBe('misplaced');
    expect(arrival(expectation, 7, body(7))).toBe('right');
    expect(arrival(expectation, 8, body(7))).toBe('misplaced');
    expect(arrival(expectation, 7, body(8))).toBe('misplaced');
    expect(arrival(expectation, 8, body(8))).toBe('right');
  });

  test('the data of another message under a right time is misplaced, before and after the right one', () => {
    const expectation = begun();
    expect(arrival(expectation, 4, body(4, { data: 5 }))).toBe('misplaced');
    expect(arrival(expectation, 4, body(4))).toBe('right');
    expect(arrival(expectation, 4, body(4, { data: 5 }))).toBe('misplaced');
    expect(arrival(expectation, 4, body(4))).toBe('right');
  });

  test('a message of another feed is misplaced, whatever its number', () => {
    const expectation = begun();
    const foreign = encodeBody(ORIGIN_NS + 12_345, ORIGIN_NS, '{"hello":"from elsewhere, long enough for a message"}');
    for (const seq of [1, 20, offsets.length + 1, 1e9]) expect(arrival(expectation, seq, foreign)).toBe('misplaced');
  });

  test('nothing is right before the feed begins', () => {
    expect(arrival(new Expectation(feed), 1, body(1))).toBe('misplaced');
  });
});

test('a checksum that does not fit is corrupted, under whatever number', () => {
  const expectation = begun();
  for (const seq of [1, 2, 1e9])
    expect(arrival(expectation, seq, body(1).replace('"dueNs":5', '"dueNs":6'))).toBe('corrupted');
});

test('of large payloads, and in long feeds, the data of the first messages is known', () => {
  expect(messagesWithKnownData(feed)).toBe(50);
  expect(messagesWithKnownData({ ...feed, payload: { kind: 'match-scores', bytes: 1_048_576 } })).toBe(50);
  expect(messagesWithKnownData({ ...feed, payload: { kind: 'match-scores', bytes: 1_048_576 }, messages: 100 })).toBe(
    64,
  );
  expect(messagesWithKnownData({ ...feed, messages: 1e9 })).toBe(223_696);
});

test('data that is not known is left to the time and the checksum', () => {
  const expectation = new Expectation({ ...feed, messages: 2 });
  expectation.begin(ORIGIN_NS);
  expect([2, 3].map((seq) => arrival(expectation, seq, body(seq, { data: 9 })))).toEqual(['misplaced', 'right']);
});
