import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { encodeBinary } from '../../scenarios/feed/binary-message.ts';
import { encodeBody, encodeMessage, encodeNotice } from '../../scenarios/feed/message.ts';
import type { SessionEvents } from '../transport.ts';
import { FeedReader } from './feed-reader.ts';

const told: unknown[] = [];

const events: SessionEvents = {
  opened: () => told.push('opened'),
  message: (header, payloadBytes, receivedNs) => told.push([header.seq, payloadBytes, receivedNs]),
  notice: (notice) => told.push(notice),
  signal: (signal) => told.push(signal),
  foreign: (bytes) => told.push(bytes.toString()),
  answered: () => told.push('answered'),
  reopened: () => told.push('reopened'),
  lost: (end) => told.push(end),
};

const message = (seq: number): Buffer => encodeMessage(seq, encodeBody(1, 2, '{}'));

beforeEach(() => {
  told.length = 0;
});

test('each message is told with its number, its length and when it came', () => {
  const reader = new FeedReader(events, { kind: 'oldest' });
  expect(reader.accept(message(3), 77)).toBe(true);
  expect(told).toEqual([[3, message(3).length, 77]]);
});

test('whatever order messages come in, the position is the highest that came, and never goes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1 }), fc.nat(), (numbers, start) => {
      const reader = new FeedReader(events, { kind: 'after', seq: start });
      for (const seq of numbers) reader.accept(message(seq), 0);
      expect(reader.position).toEqual({ kind: 'after', seq: Math.max(start, ...numbers) });
    }),
  );
});

test('the first message gives a position to a client that had none, even one behind another client', () => {
  const reader = new FeedReader(events, { kind: 'oldest' });
  reader.accept(message(5), 0);
  expect(reader.position).toEqual({ kind: 'after', seq: 5 });
});

test('a gap moves the position behind what is lost', () => {
  const reader = new FeedReader(events, { kind: 'after', seq: 2 });
  const gap = { notice: 'gap', from: 3, to: 6 } as const;
  expect(reader.accept(encodeNotice(gap), 0)).toBe(false);
  expect(told).toEqual([gap]);
  expect(reader.position).toEqual({ kind: 'after', seq: 6 });
});

test('a gap that a client has passed moves nothing', () => {
  const reader = new FeedReader(events, { kind: 'after', seq: 7 });
  reader.accept(encodeNotice({ notice: 'gap', from: 3, to: 6 }), 0);
  expect(reader.position).toEqual({ kind: 'after', seq: 7 });
});

test('a reset takes the position back to where the server is: the one way back there is', () => {
  const reader = new FeedReader(events, { kind: 'after', seq: 900 });
  reader.accept(encodeNotice({ notice: 'reset', latest: 4 }), 0);
  expect(reader.position).toEqual({ kind: 'after', seq: 4 });
});

test('a feed that has not begun begins at 0, and one that has goes on', () => {
  const fresh = new FeedReader(events, { kind: 'oldest' });
  fresh.startOfFeed();
  expect(fresh.position).toEqual({ kind: 'after', seq: 0 });
  const running = new FeedReader(events, { kind: 'after', seq: 8 });
  running.startOfFeed();
  expect(running.position).toEqual({ kind: 'after', seq: 8 });
});

test('entries in the other form are read as in this one, and those in this one are foreign then', () => {
  const reader = new FeedReader(events, { kind: 'after', seq: 1 }, 'binary');
  const gap = { notice: 'gap', from: 2, to: 4 } as const;
  expect(reader.accept(encodeBinary(encodeNotice(gap)), 0)).toBe(false);
  expect(reader.accept(encodeBinary(message(5)), 77)).toBe(true);
  expect(reader.accept(message(6), 0)).toBe(false);
  expect(told).toEqual([gap, [5, encodeBinary(message(5)).length, 77], message(6).toString()]);
  expect(reader.position).toEqual({ kind: 'after', seq: 5 });
});

test('what is neither is foreign, and moves nothing', () => {
  const reader = new FeedReader(events, { kind: 'after', seq: 1 });
  expect(reader.accept(Buffer.from('hello'), 0)).toBe(false);
  expect(told).toEqual(['hello']);
  expect(reader.position).toEqual({ kind: 'after', seq: 1 });
});
