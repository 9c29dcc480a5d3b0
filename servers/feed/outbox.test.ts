import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMessage, HeaderReader, type Notice, readNotice } from '../../scenarios/feed/message.ts';
import { bodyOf, numbers } from '../testing/test-subscriber.ts';
import { type Entry, Log, type LogBounds, type Position } from './log.ts';
import { Outbox, type Sink } from './outbox.ts';

const header = new HeaderReader();
const OLDEST: Position = { kind: 'oldest' };

/** A connection that takes what waits when it is told to, oldest first. */
class ToySink implements Sink {
  open = true;
  mostWaitingBytes = 0;
  /** How often somebody wanted to know when something was taken. */
  waits = 0;
  stalled: (() => void) | undefined;
  readonly sent: (number | Notice | undefined)[] = [];
  readonly #waiting: { bytes: number; taken: (() => void) | undefined }[] = [];

  get waitingBytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  send(entry: Entry, taken?: () => void): void {
    this.sent.push(header.read(entry) ? header.seq : readNotice(entry));
    this.#waiting.push({ bytes: entry.length, taken });
    if (taken !== undefined) this.waits += 1;
    this.mostWaitingBytes = Math.max(this.mostWaitingBytes, this.waitingBytes);
  }

  watch(stalled: (() => void) | undefined): void {
    this.stalled = stalled;
  }

  take(entries = Number.POSITIVE_INFINITY): void {
    for (let count = 0; count < entries; count++) {
      const first = this.#waiting.shift();
      if (first === undefined) return;
      first.taken?.();
    }
  }

  /** Numbers that were sent, or declared lost by a gap. */
  get accounted(): number[] {
    return this.sent.flatMap((one) => {
      if (typeof one === 'number') return [one];
      return one?.notice === 'gap' ? numbers(one.from, one.to) : [];
    });
  }
}

const BOUNDS = { messages: 50, bytes: 1e6 };

class Stand {
  readonly log: Log;
  readonly sink = new ToySink();
  readonly reasons: string[] = [];
  readonly outbox: Outbox;

  constructor(sendBufferBytes = 500, bounds: LogBounds = BOUNDS) {
    this.log = new Log(bounds);
    this.outbox = new Outbox(this.log, this.sink, {
      sendBufferBytes,
      onSlow: (reason) => void this.reasons.push(reason),
    });
    this.log.follow((entry) => this.outbox.push(entry));
  }

  readonly append = (count: number, data = 'x'): void => {
    for (let index = 0; index < count; index++) this.log.append(this.log.latest + 1, bodyOf(data));
  };
}

test('what comes goes out at once while the connection takes it', () => {
  const { log, sink, outbox, append } = new Stand();
  append(2);
  outbox.start(OLDEST);
  for (let seq = 3; seq <= 20; seq++) {
    append(1);
    expect(sink.sent).toEqual(numbers(1, seq));
    sink.take();
  }
  expect(log.latest).toBe(20);
  expect(sink.waits).toBe(0);
  expect(sink.stalled).toBeUndefined();
});

test('as much waits in the connection as may, and one entry more', () => {
  const { sink, outbox, append } = new Stand(encodeMessage(1, bodyOf('x')).length);
  outbox.start(OLDEST);
  append(2);
  expect(sink.waits).toBe(0);
  append(1);
  expect(sink.waits).toBe(1);
  append(1);
  expect(sink.sent).toEqual([1, 2, 3]);
  // Catching up goes by the same measure.
  sink.take();
  expect(sink.sent).toEqual([1, 2, 3, 4]);
  expect(sink.waits).toBe(1);
  append(5);
  sink.take();
  expect(sink.sent).toEqual(numbers(1, 9));
});

test('what the connection does not take waits in the log, and goes out in order when it does', () => {
  const { sink, outbox, append, reasons } = new Stand();
  outbox.start(OLDEST);
  append(40);
  const before = sink.sent.length;
  expect(before).toBeLessThan(12);
  sink.take();
  expect(sink.sent.length).toBeGreaterThan(before);
  while (sink.waitingBytes > 0) sink.take();
  expect(sink.sent).toEqual(numbers(1, 40));
  expect(reasons).toEqual([]);
});

test('a message larger than the buffer goes out like any other, and a client that reads is not slow', () => {
  const { sink, outbox, append, reasons } = new Stand(100, { messages: 50, bytes: 1e8 });
  outbox.start(OLDEST);
  for (let round = 0; round < 10; round++) {
    append(4, 'y'.repeat(100_000));
    while (sink.waitingBytes > 0) sink.take(1);
  }
  expect(sink.sent).toEqual(numbers(1, 40));
  expect(sink.mostWaitingBytes).toBeLessThan(300_000);
  expect(reasons).toEqual([]);
});

test('a client that had everything and falls behind what the log holds is slow, once', () => {
  const { log, sink, outbox, append, reasons } = new Stand();
  outbox.start(OLDEST);
  append(50);
  const sent = sink.sent.length;
  append(sent);
  // What it has to get next is the oldest.
  expect(log.oldest).toBe(sent + 1);
  expect(reasons).toEqual([]);
  append(1);
  expect(reasons).toEqual(['too slow: the log no longer holds what comes next']);
  sink.take();
  append(1);
  expect(sink.sent).toHaveLength(sent);
  expect(reasons).toHaveLength(1);
});

test('a log of a single message can be fallen behind, too', () => {
  const { sink, outbox, append, reasons } = new Stand(0, { messages: 1, bytes: 1e6 });
  outbox.start(OLDEST);
  append(1);
  append(1);
  append(1);
  expect(sink.sent).toEqual([1, 2]);
  expect(reasons).toEqual([]);
  append(1);
  expect(reasons).toHaveLength(1);
});

test('a client that takes nothing for a time is slow, unless it has taken all meanwhile', () => {
  const { sink, outbox, append, reasons } = new Stand();
  outbox.start(OLDEST);
  append(10);
  expect(sink.stalled).toBeDefined();
  while (sink.waitingBytes > 0) sink.take();
  expect(sink.stalled).toBeUndefined();
  append(10);
  sink.stalled?.();
  expect(reasons).toEqual(['too slow: nothing was taken for too long']);
  expect(sink.stalled).toBeUndefined();
});

test('a client that is still catching up is told of a gap, and not slow', () => {
  const { sink, outbox, append, reasons } = new Stand();
  append(50);
  outbox.start({ kind: 'after', seq: 0 });
  append(200);
  while (sink.waitingBytes > 0) sink.take();
  expect(reasons).toEqual([]);
  expect(sink.accounted).toEqual(numbers(1, 250));
  expect(sink.sent.filter((one) => typeof one === 'object')).toHaveLength(1);
});

test('messages that the log lost itself are a gap to a client that was behind, and not its fault', () => {
  const { log, sink, outbox, append, reasons } = new Stand();
  outbox.start(OLDEST);
  append(30);
  log.skipTo(60);
  append(5);
  while (sink.waitingBytes > 0) sink.take();
  expect(reasons).toEqual([]);
  expect(sink.accounted).toEqual(numbers(1, 65));
  expect(sink.sent.at(-6)).toMatchObject({ notice: 'gap', to: 60 });
});

test('a client that is ahead of the log is told, and gets what comes', () => {
  const { sink, outbox, append } = new Stand();
  append(3);
  outbox.start({ kind: 'after', seq: 9 });
  append(1);
  expect(sink.sent).toEqual([{ notice: 'reset', latest: 3 }, 4]);
});

test('nothing is sent after the end, and into a connection that is closing', () => {
  const ended = new Stand();
  ended.outbox.start(OLDEST);
  ended.append(20);
  const sent = ended.sink.sent.length;
  ended.outbox.end();
  ended.sink.take();
  ended.append(5);
  expect(ended.sink.sent).toHaveLength(sent);
  expect(ended.sink.stalled).toBeUndefined();
  const closing = new Stand();
  closing.outbox.start(OLDEST);
  closing.sink.open = false;
  closing.append(5);
  expect(closing.sink.sent).toEqual([]);
});

type Step = { readonly append: number } | { readonly take: number } | { readonly skip: number };

test('whatever happens, every number comes once and in order or is declared lost, and little waits', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ skip: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 2000 }), (steps, sendBufferBytes) => {
      const { log, sink, outbox, append, reasons } = new Stand(sendBufferBytes);
      outbox.start(OLDEST);
      for (const one of steps) {
        if ('append' in one) append(one.append);
        else if ('take' in one) sink.take(one.take);
        else log.skipTo(log.latest + one.skip);
      }
      while (sink.waitingBytes > 0) sink.take();
      expect(sink.accounted).toEqual(numbers(1, sink.accounted.length));
      // Whoever is slow gets no more; everybody else has everything.
      expect(reasons.length > 0 || sink.accounted.length === log.latest).toBe(true);
      expect(sink.mostWaitingBytes).toBeLessThan(sendBufferBytes + 400);
    }),
  );
});
