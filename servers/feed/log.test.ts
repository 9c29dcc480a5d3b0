import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMessage, HeaderReader, readNotice } from '../../scenarios/feed/message.ts';
import { type Entry, Log, type LogBounds, type Position } from './log.ts';
import { bodyOf, numbers } from '../testing/test-subscriber.ts';

const header = new HeaderReader();

/** A message as its number, a notice as it is. */
function read(entries: readonly Entry[]): unknown[] {
  return entries.map((entry) => (header.read(entry) ? header.seq : readNotice(entry)));
}

function filled(count: number, messages = 100): Log {
  const log = new Log({ messages, bytes: 1e6 });
  for (let seq = 1; seq <= count; seq++) log.append(seq, bodyOf(seq));
  return log;
}

const after = (seq: number): Position => ({ kind: 'after', seq });

describe('since', () => {
  test('is what comes after, or all there is', () => {
    const log = filled(5);
    expect(read(log.since(after(3)))).toEqual([4, 5]);
    expect(read(log.since(after(5)))).toEqual([]);
    expect(read(log.since({ kind: 'oldest' }))).toEqual([1, 2, 3, 4, 5]);
  });

  test('of an empty log is empty, and ahead of it is a reset', () => {
    const log = filled(0);
    expect(read(log.since({ kind: 'oldest' }))).toEqual([]);
    expect(read(log.since(after(0)))).toEqual([]);
    expect(read(log.since(after(1)))).toEqual([{ notice: 'reset', latest: 0 }]);
  });

  test('declares what is no longer held, and only that', () => {
    const log = filled(12, 5);
    expect(read(log.since(after(7)))).toEqual([8, 9, 10, 11, 12]);
    expect(read(log.since(after(6)))).toEqual([{ notice: 'gap', from: 7, to: 7 }, 8, 9, 10, 11, 12]);
    expect(read(log.since({ kind: 'oldest' }))).toEqual([{ notice: 'gap', from: 1, to: 7 }, 8, 9, 10, 11, 12]);
  });
});

describe('a skip', () => {
  test('is told to followers, and to whoever asks from before it', () => {
    const log = filled(3);
    const followed: Entry[] = [];
    log.follow((entry) => followed.push(entry));
    log.skipTo(9);
    log.append(10, bodyOf(10));
    expect(read(followed)).toEqual([{ notice: 'gap', from: 4, to: 9 }, 10]);
    expect(read(log.since(after(2)))).toEqual([{ notice: 'gap', from: 3, to: 9 }, 10]);
    expect(read(log.since(after(9)))).toEqual([10]);
    expect(log.latest).toBe(10);
  });
});

test('only the next number is taken', () => {
  const log = filled(3);
  for (const seq of [3, 5, 0, 2.5, Number.NaN])
    expect(() => log.append(seq, bodyOf(seq))).toThrow(`message ${seq} cannot follow 3`);
  expect(log.latest).toBe(3);
});

test('a follower that has left is told nothing more', () => {
  const log = filled(0);
  const followed: Entry[] = [];
  const leave = log.follow((entry) => followed.push(entry));
  log.append(1, bodyOf(1));
  leave();
  log.append(2, bodyOf(2));
  expect(read(followed)).toEqual([1]);
});

test('whatever is appended and skipped, the bounds hold and every number is accounted for', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), size: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('skip' as const), size: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(
      fc.record({ messages: fc.integer({ min: 1, max: 8 }), bytes: fc.integer({ min: 1, max: 2000 }) }),
      fc.array(step, { maxLength: 30 }),
      fc.nat({ max: 60 }),
      (bounds, steps, from) => {
        const log = new Log(bounds);
        for (const { kind, size } of steps) {
          if (kind === 'append') log.append(log.latest + 1, bodyOf('x'.repeat(size)));
          else log.skipTo(log.latest + size);
        }
        const held = log.since({ kind: 'oldest' }).filter((entry) => header.read(entry));
        expect(held.length).toBeLessThanOrEqual(bounds.messages);
        // The newest is held though it alone may be beyond the bound.
        expect(Buffer.concat(held.slice(0, -1)).length).toBeLessThanOrEqual(bounds.bytes);
        fc.pre(from <= log.latest);
        const covered = read(log.since(after(from))).flatMap((one) => {
          if (typeof one === 'number') return [one];
          const gap = one as { from: number; to: number };
          return numbers(gap.from, gap.to);
        });
        expect(covered).toEqual(numbers(from + 1, log.latest));
      },
    ),
  );
});

test('it holds as many of the newest as fit into both bounds since the last skip, and no fewer', () => {
  const size = fc.integer({ min: 1, max: 400 });
  fc.assert(
    fc.property(
      fc.record({ messages: fc.integer({ min: 1, max: 8 }), bytes: fc.integer({ min: 1, max: 2000 }) }),
      fc.array(size, { maxLength: 20 }),
      fc.array(size, { minLength: 1, maxLength: 20 }),
      (bounds, before, sizes) => {
        const log = new Log(bounds);
        for (const length of before) log.append(log.latest + 1, bodyOf('x'.repeat(length)));
        log.skipTo(log.latest + 3);
        const first = log.latest + 1;
        for (const length of sizes) log.append(log.latest + 1, bodyOf('x'.repeat(length)));
        const entries = numbers(first, log.latest).map((seq) =>
          encodeMessage(seq, bodyOf('x'.repeat(sizes[seq - first] ?? 0))),
        );
        // From the newest back: the newest always, then while both bounds hold.
        let bytes = 0;
        let fitting = 0;
        for (const { length } of entries.toReversed()) {
          bytes += length;
          if (fitting > 0 && (bytes > bounds.bytes || fitting === bounds.messages)) break;
          fitting += 1;
        }
        expect(log.oldest).toBe(log.latest + 1 - fitting);
        expect(read([log.entry(log.oldest) ?? Buffer.of()])).toEqual([log.oldest]);
        expect(log.entry(log.oldest - 1)).toBeUndefined();
        expect(log.entry(log.latest + 1)).toBeUndefined();
      },
    ),
  );
});

test('messages that fit exactly are all held, from the start and after a skip', () => {
  const body = bodyOf('x');
  const log = new Log({ messages: 10, bytes: 2 * encodeMessage(1, body).length });
  for (const seq of [1, 2]) log.append(seq, body);
  expect(log.oldest).toBe(1);
  log.skipTo(4);
  for (const seq of [5, 6]) log.append(seq, body);
  expect(log.oldest).toBe(5);
  log.append(7, body);
  expect(log.oldest).toBe(6);
});

test('a log that holds nothing yet is to begin with 1', () => {
  expect([filled(0).oldest, filled(0).latest]).toEqual([1, 0]);
});

describe('the bounds', () => {
  const bytes = encodeMessage(1, bodyOf(1)).length;
  const held = (log: Log): unknown[] => read(log.since({ kind: 'after', seq: log.oldest - 1 }));

  function filledWith(bounds: LogBounds): Log {
    const log = new Log(bounds);
    for (let seq = 1; seq <= 9; seq++) log.append(seq, bodyOf(seq));
    return log;
  }

  test('of messages are reached, and not passed', () => {
    expect(held(filledWith({ messages: 9, bytes: 1e6 }))).toEqual(numbers(1, 9));
    expect(held(filledWith({ messages: 8, bytes: 1e6 }))).toEqual(numbers(2, 9));
    expect(held(filledWith({ messages: 1, bytes: 1e6 }))).toEqual([9]);
  });

  test('of bytes are reached, and not passed but by a single message', () => {
    expect(held(filledWith({ messages: 100, bytes: 9 * bytes }))).toEqual(numbers(1, 9));
    expect(held(filledWith({ messages: 100, bytes: 9 * bytes - 1 }))).toEqual(numbers(2, 9));
    expect(held(filledWith({ messages: 100, bytes: 2 * bytes }))).toEqual([8, 9]);
    expect(held(filledWith({ messages: 3, bytes: 2 * bytes }))).toEqual([8, 9]);
    expect(held(filledWith({ messages: 2, bytes: 3 * bytes }))).toEqual([8, 9]);
    expect(held(filledWith({ messages: 100, bytes: 1 }))).toEqual([9]);
  });

  test('count nothing of what was skipped', () => {
    const log = filledWith({ messages: 100, bytes: 9 * bytes });
    log.skipTo(100);
    expect([log.oldest, log.latest]).toEqual([101, 100]);
    for (let seq = 101; seq <= 109; seq++) log.append(seq, bodyOf(seq % 10));
    expect(held(log)).toEqual(numbers(102, 109));
    expect(log.entry(101)).toBeUndefined();
    expect(log.entry(102)).toBeDefined();
    expect(log.entry(110)).toBeUndefined();
  });
});

test('a number that does not follow is a mistake, in words', () => {
  expect(() => filled(3).append(5, bodyOf(5))).toThrow('message 5 cannot follow 3');
});
