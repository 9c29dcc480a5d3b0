import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBody, encodeSaid, HeaderReader, readNotice } from '../../scenarios/feed/message.ts';
import { type Entry, Log } from './log.ts';
import { Outbox, type Sink } from './outbox.ts';
import { SubscribedLog } from './subscribed-log.ts';

const reader = new HeaderReader();

function bodyIn(channel: string): string {
  const times = { dueNs: 1, publishedNs: 2, data: '{}' };
  return channel === 'feed' ? encodeBody(1, 2, '{}') : encodeSaid({ channel, from: 'u1', n: 1 }, times);
}

function logOf(channels: readonly string[], messages = 1000): Log {
  const log = new Log({ messages, bytes: 1e9 });
  for (const [index, channel] of channels.entries()) log.append(index + 1, bodyIn(channel));
  return log;
}

/** Numbers, and of a notice what it says. */
function told(entries: readonly Entry[]): unknown[] {
  return entries.map((entry) => (reader.read(entry) ? reader.seq : readNotice(entry)));
}

const since = (seq: number) => ({ kind: 'after', seq }) as const;
const channel = fc.constantFrom('feed', 'a', 'b', 'c');

test('holds what is in its channels, under the numbers that it has', () => {
  const log = logOf(['feed', 'a', 'b', 'a', 'feed']);
  expect(told(new SubscribedLog(log, new Set(['a'])).since(since(0)))).toEqual([2, 4]);
  expect(told(new SubscribedLog(log, new Set(['feed', 'b'])).since(since(1)))).toEqual([3, 5]);
});

test('a client has missed something exactly where a message of its channels is gone', () => {
  fc.assert(
    fc.property(
      fc.record({
        channels: fc.array(channel, { maxLength: 40 }),
        held: fc.integer({ min: 1, max: 20 }),
        followed: fc.uniqueArray(channel),
        from: fc.nat({ max: 40 }),
      }),
      ({ channels, held, followed, from }) => {
        const log = logOf(channels, held);
        fc.pre(from <= log.latest);
        const entries = told(new SubscribedLog(log, new Set(followed)).since(since(from)));
        const own = channels.flatMap((one, index) => (index >= from && followed.includes(one) ? [index + 1] : []));
        const gone = own.filter((seq) => seq < log.oldest);
        const there = own.filter((seq) => seq >= log.oldest);
        const gap = { notice: 'gap', from: from + 1, to: gone.at(-1) };
        expect(entries).toEqual(gone.length === 0 ? there : [gap, ...there]);
      },
    ),
  );
});

test('what a feed has lost for good is lost to everybody', () => {
  const log = logOf(['a', 'b']);
  log.skipTo(9);
  log.append(10, bodyIn('b'));
  expect(told(new SubscribedLog(log, new Set(['b'])).since(since(2)))).toEqual([{ notice: 'gap', from: 3, to: 9 }, 10]);
});

/** Takes what it is told to, at once. */
class OpenSink implements Sink {
  readonly open = true;
  readonly waitingBytes = 0;
  readonly sent: Entry[] = [];

  send(entry: Entry): void {
    this.sent.push(entry);
  }

  watch(): void {}
}

test('an outbox gets its channels, however the rest of the log goes on, and a channel from when it is joined', () => {
  const log = logOf(['a', 'b', 'b', 'a', 'b']);
  const followed = new Set(['a']);
  const sink = new OpenSink();
  const outbox = new Outbox(new SubscribedLog(log, followed), sink, { sendBufferBytes: 1, onSlow: () => undefined });
  outbox.start(since(0));
  expect(told(sink.sent)).toEqual([1, 4]);
  const view = new SubscribedLog(log, followed);
  view.follow((entry) => outbox.push(entry));
  for (const [index, next] of ['b', 'a', 'c'].entries()) log.append(6 + index, bodyIn(next));
  followed.add('c');
  log.append(9, bodyIn('c'));
  expect(told(sink.sent)).toEqual([1, 4, 7, 9]);
});
