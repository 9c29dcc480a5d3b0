import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeMessage, HeaderReader, type Notice, readNotice } from '../../scenarios/feed/message.ts';
import { bodyOf, numbers } from '../testing/test-subscriber.ts';
import { Answers } from '../wire/http-answer.ts';
import { LatestLog } from './latest-log.ts';
import { type Entry, Log, type LogBounds, type Position } from './log.ts';
import { Outbox } from './outbox.ts';

const BOUNDS = { messages: 1000, bytes: 1e6 };
const WINDOW_MS = 100;
const header = new HeaderReader();
const after = (seq: number): Position => ({ kind: 'after', seq });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A message as its number, a notice as it is. */
function read(entries: readonly Entry[]): (number | Notice | undefined)[] {
  return entries.map((entry) => (header.read(entry) ? header.seq : readNotice(entry)));
}

class Stand {
  readonly log: Log;
  readonly latest: LatestLog;
  readonly followed: Entry[] = [];
  /** Of each message its key, from the first on. */
  readonly keys: (string | undefined)[] = [];

  constructor(bounds: LogBounds = BOUNDS) {
    this.log = new Log(bounds);
    this.latest = new LatestLog(this.log, { ...bounds, windowMs: WINDOW_MS, rule: { kind: 'data', fields: 1 } });
    this.latest.follow((entry) => this.followed.push(entry));
  }

  /** A message of each key; one that has none cannot be replaced. */
  append(...keys: readonly (string | undefined)[]): void {
    for (const key of keys) {
      this.keys[this.log.latest] = key;
      this.log.append(this.log.latest + 1, bodyOf(key === undefined ? 'no key' : { key, value: this.log.latest }));
    }
  }
}

describe('followers', () => {
  test('get what follows nothing at once, and of the window behind it the newest of each key, in order', () => {
    const { latest, followed, append } = bound(new Stand());
    append('a');
    expect(read(followed)).toEqual([1]);
    append('a', 'b', 'c', 'b', 'a', 'b');
    vi.advanceTimersByTime(WINDOW_MS - 1);
    expect(read(followed)).toEqual([1]);
    expect(latest.latest).toBe(1);
    vi.advanceTimersByTime(1);
    expect(read(followed)).toEqual([1, 4, 6, 7]);
    expect(latest.latest).toBe(7);
  });

  test('get one window after the other, until nothing came within one', () => {
    const { followed, append } = bound(new Stand());
    append('a', 'a');
    vi.advanceTimersByTime(WINDOW_MS);
    append('a', 'a');
    expect(read(followed)).toEqual([1, 2]);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(read(followed)).toEqual([1, 2, 4]);
    vi.advanceTimersByTime(WINDOW_MS);
    append('a');
    expect(read(followed)).toEqual([1, 2, 4, 5]);
  });

  test('get everything that has no key', () => {
    const { followed, append } = bound(new Stand());
    append('a', undefined, undefined, 'a', undefined);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(read(followed)).toEqual([1, 2, 3, 4, 5]);
  });

  test('are told of each message when it is the newest, and nothing once they have left', () => {
    const { latest, append } = bound(new Stand());
    const seen: number[] = [];
    const leave = latest.follow(() => seen.push(latest.latest));
    append('a', 'b', 'c', 'b');
    vi.advanceTimersByTime(WINDOW_MS);
    leave();
    append('a');
    vi.advanceTimersByTime(WINDOW_MS);
    expect(seen).toEqual([1, 3, 4]);
  });
});

describe('whoever asks', () => {
  test('gets the newest of each key by then, each once, and the window is over for all', () => {
    const { latest, followed, append } = bound(new Stand());
    append('a', 'b', 'a', 'c', 'b', 'a');
    vi.advanceTimersByTime(WINDOW_MS / 2);
    expect(read(latest.since({ kind: 'oldest' }))).toEqual([4, 5, 6]);
    expect(read(followed)).toEqual([1, 4, 5, 6]);
    append('b');
    expect(read(latest.since(after(5)))).toEqual([6, 7]);
    expect(read(latest.since(after(7)))).toEqual([]);
    // As long as any other, from what went out last.
    append('a');
    vi.advanceTimersByTime(WINDOW_MS - 1);
    expect(latest.latest).toBe(7);
    vi.advanceTimersByTime(1);
    expect(latest.latest).toBe(8);
  });

  test('and has more than went out here is not ahead', () => {
    const { latest, append } = bound(new Stand());
    append('a', 'b', 'c');
    expect(latest.latest).toBe(1);
    expect(latest.place(after(2))).toEqual({ seq: 2, notice: undefined });
    expect(read(latest.since(after(2)))).toEqual([3]);
    expect(read(latest.since(after(9)))).toEqual([{ notice: 'reset', latest: 3 }]);
  });

  test('gets no answer from before what is held back', () => {
    const { latest, append } = bound(new Stand());
    const answers = new Answers(latest);
    append('a');
    const first = answers.since(after(0));
    expect(answers.since(after(0))).toBe(first);
    append('b');
    expect(answers.since(after(0)).length).toBeGreaterThan(first.length);
  });

  test('gets the newest of a key long after the log has dropped it', () => {
    const { log, latest, append } = bound(new Stand({ messages: 5, bytes: 1e6 }));
    append('rare', ...numbers(1, 100).map(() => 'often'));
    expect(log.oldest).toBe(97);
    expect(read(latest.since({ kind: 'oldest' }))).toEqual([1, 101]);
    expect(latest.oldest).toBe(1);
  });
});

describe('what was not replaced and is no longer held', () => {
  test('is a gap', () => {
    const { latest, append } = bound(new Stand({ messages: 3, bytes: 1e6 }));
    append('a', 'b', 'c', 'd', 'b', 'e');
    latest.settle();
    // 1 and 3 were dropped, 2 was replaced.
    expect(read(latest.since({ kind: 'oldest' }))).toEqual([{ notice: 'gap', from: 1, to: 3 }, 4, 5, 6]);
    expect(latest.next(2)).toBeUndefined();
    expect(latest.next(3)?.seq).toBe(4);
  });

  test('goes beyond the bounds of messages and of bytes only where there is no other', () => {
    const bytes = encodeMessage(1, bodyOf({ key: 'a', value: 1 })).length;
    const { latest, append } = bound(new Stand({ messages: 100, bytes: 3 * bytes }));
    append('a', 'b', 'c', 'd');
    expect(read(latest.since(after(1)))).toEqual([2, 3, 4]);
    const tight = bound(new Stand({ messages: 100, bytes: 1 }));
    tight.append('a', 'b');
    expect(read(tight.latest.since(after(1)))).toEqual([2]);
  });
});

test('messages that never came are told behind what was held back, and what was before them is gone', () => {
  const { log, latest, followed, append } = bound(new Stand());
  append('a', 'a', 'b');
  log.skipTo(9);
  append('a');
  vi.advanceTimersByTime(WINDOW_MS);
  expect(read(followed)).toEqual([1, 2, 3, { notice: 'gap', from: 4, to: 9 }, 10]);
  expect(read(latest.since(after(2)))).toEqual([{ notice: 'gap', from: 3, to: 9 }, 10]);
});

/** So that it can be taken apart. */
function bound(stand: Stand): Pick<Stand, 'log' | 'latest' | 'followed' | 'append'> {
  const { log, latest, followed } = stand;
  return { log, latest, followed, append: (...keys) => stand.append(...keys) };
}

/** One that is told what it missed, and how far it is: by asking, or by an outbox whose connection takes what it may. */
class Client {
  readonly told: (number | Notice | undefined)[] = [];
  position = 0;

  take(entries: readonly Entry[]): void {
    for (const one of read(entries)) {
      this.told.push(one);
      if (typeof one === 'number') this.position = one;
      else if (one?.notice === 'gap') this.position = one.to;
      else if (one?.notice === 'reset') this.position = one.latest;
    }
  }

  get messages(): number[] {
    return this.told.filter((one) => typeof one === 'number');
  }

  isDeclared(seq: number): boolean {
    return this.told.some((one) => typeof one === 'object' && one.notice === 'gap' && one.from <= seq && seq <= one.to);
  }
}

/** A client that is pushed to, with what its connection has not taken yet. */
class PushedClient extends Client {
  slow = 0;
  readonly #waiting: { entry: Entry; taken: (() => void) | undefined }[] = [];

  constructor(latest: LatestLog) {
    super();
    const sink = {
      open: true,
      send: (entry: Entry, taken?: () => void) => void this.#waiting.push({ entry, taken }),
      watch: () => undefined,
    };
    const waitingBytes = (): number => this.#waiting.reduce((sum, { entry }) => sum + entry.length, 0);
    Object.defineProperty(sink, 'waitingBytes', { get: waitingBytes });
    const outbox = new Outbox(latest, sink as typeof sink & { waitingBytes: number }, {
      sendBufferBytes: 300,
      onSlow: () => void (this.slow += 1),
    });
    outbox.start({ kind: 'oldest' });
    latest.follow((entry) => outbox.push(entry));
  }

  takeSome(most: number): void {
    for (let count = 0; count < most; count++) {
      const first = this.#waiting.shift();
      if (first === undefined) return;
      this.take([first.entry]);
      first.taken?.();
    }
  }
}

type Step =
  | { readonly append: string | undefined }
  | { readonly passMs: number }
  | { readonly ask: number }
  | { readonly read: number }
  | { readonly skip: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ append: fc.constantFrom('a', 'b', 'c', 'd', undefined) }) },
  { weight: 3, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 150 }) }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ skip: fc.integer({ min: 1, max: 3 }) }) },
);

/** Plays the steps to two clients that ask and one that is pushed to, and lets all of them come to the end. */
function play(steps: readonly Step[], bounds?: LogBounds): { stand: Stand; clients: Client[]; pushed: PushedClient } {
  const stand = new Stand(bounds);
  const asking = [new Client(), new Client()];
  const pushed = new PushedClient(stand.latest);
  const ask = (client: Client): void => client.take(stand.latest.since(after(client.position)));
  for (const one of steps) {
    if ('append' in one) stand.append(one.append);
    else if ('passMs' in one) vi.advanceTimersByTime(one.passMs);
    else if ('ask' in one) ask(asking[one.ask] ?? new Client());
    else if ('read' in one) pushed.takeSome(one.read);
    else stand.log.skipTo(stand.log.latest + one.skip);
  }
  for (const client of asking) ask(client);
  vi.advanceTimersByTime(WINDOW_MS);
  pushed.takeSome(1e6);
  return { stand, clients: [...asking, pushed], pushed };
}

describe('whatever comes and whoever asks', () => {
  test('what a client did not get was replaced by what it got, or declared, and nothing older comes after it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { stand, clients, pushed } = play(steps);
        expect(pushed.slow).toBe(0);
        for (const client of clients) {
          const { messages } = client;
          expect(messages).toEqual([...new Set(messages)].toSorted((a, b) => a - b));
          const isKnown = (seq: number): boolean => messages.includes(seq) || client.isDeclared(seq);
          const all = numbers(1, stand.log.latest);
          for (const seq of all) {
            const key = stand.keys[seq - 1];
            // What replaced it may be declared in turn: then the client knows that this key's newest is lost.
            const replaced = all.some(
              (newer) => newer > seq && key !== undefined && stand.keys[newer - 1] === key && isKnown(newer),
            );
            expect([seq, isKnown(seq) || replaced]).toEqual([seq, true]);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('nobody who follows gets two of a key within a window, but for the asking of others', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const stand = new Stand();
        const last = new Map<string, number>();
        stand.latest.follow((entry) => {
          const key = header.read(entry) ? stand.keys[header.seq - 1] : undefined;
          if (key === undefined) return;
          expect(Date.now() - (last.get(key) ?? 0)).toBeGreaterThanOrEqual(WINDOW_MS);
          last.set(key, Date.now());
        });
        for (const one of steps) {
          if ('append' in one) stand.append(one.append);
          else if ('passMs' in one) vi.advanceTimersByTime(one.passMs);
        }
      }),
    );
  });

  test('however little is held, what was dropped before it was replaced is declared', () => {
    const bounds = fc.record({ messages: fc.integer({ min: 1, max: 4 }), bytes: fc.integer({ min: 1, max: 700 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), bounds, (steps, given) => {
        const { stand, clients, pushed } = play(steps, given);
        for (const client of clients) {
          // Who is slow gets no more.
          if (client === pushed && pushed.slow > 0) continue;
          const newest = new Map(Array.from(stand.keys, (key, index) => [key ?? index, index + 1]));
          for (const seq of newest.values())
            expect([seq, client.messages.includes(seq) || client.isDeclared(seq)]).toEqual([seq, true]);
        }
        expect(stand.latest.since({ kind: 'oldest' }).filter((entry) => header.read(entry)).length).toBeLessThanOrEqual(
          given.messages,
        );
      }),
      { numRuns: 300 },
    );
  });
});

test('a client that reads slowly catches up with the newest of each key alone', () => {
  const stand = new Stand();
  const client = new PushedClient(stand.latest);
  for (let round = 0; round < 200; round++) {
    stand.append('a', 'b', 'c', 'd');
    vi.advanceTimersByTime(WINDOW_MS);
  }
  client.takeSome(1e6);
  expect(client.slow).toBe(0);
  expect(client.messages.slice(-4)).toEqual(numbers(797, 800));
  expect(client.messages.length).toBeLessThan(20);
});
