import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type SaidMessage, type Script, userName } from '../../scenarios/feed/script.ts';
import { encodeMessage, encodeSaid, HeaderReader } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import type { LossRule } from './audit.ts';
import { Replacements } from './replacements.ts';
import { ScriptExpectation, type Stream } from './script-expectation.ts';
import { MemberAudit } from './member-audit.ts';
import type { Published, Spoken } from './spoken.ts';

const ORIGIN_NS = 5e12;
const SEED = 3;
const payload = { kind: 'chat-messages', bytes: 150 } as const;
const feed = { kind: 'direct', messagesPerSecond: 1 } as const;

/** Client 1 says so many messages in each channel, one after the other. */
function conversationOf(counts: Readonly<Record<string, number>>): Script {
  const messages: SaidMessage[] = [];
  for (const [channel, count] of Object.entries(counts)) {
    for (let n = 1; n <= count; n++)
      messages.push({ index: messages.length, offsetNs: messages.length * 1e6, sender: 1, channel, n });
  }
  return { messages, typings: [], visits: [] };
}

/** Which of its sender's, and which of the log. */
type Place = readonly [n: number, seq: number];

/** As a hearing has it for all of its clients. */
function mapOf(published: Published): ReadonlyMap<number, number | null> {
  return new Map(typeof published === 'number' ? [] : published);
}

interface Stand {
  readonly audit: MemberAudit;
  /** What the channel's n-th message is to the client, as message `seq` of the log. */
  readonly hear: (channel: string, place: Place, change?: Partial<Heard>) => string;
}

interface Heard {
  readonly from: string;
  readonly dueNs: number;
  readonly data: string;
  /** As it came. */
  readonly spoilt: (bytes: Buffer) => Buffer;
}

const { messages: sixAndThree } = conversationOf({ 'room:0': 6, 'room:1': 3 });

function standOf(script: Script, ruleOf?: (stream: Stream) => LossRule | undefined): Stand {
  const expectation = new ScriptExpectation(script, { feed, payload, seed: SEED });
  expectation.begin(ORIGIN_NS);
  const audit = new MemberAudit({ expectation, always: ['room:0', 'user:u0'], numbersOf: mapOf, ruleOf });
  const reader = new HeaderReader();
  return {
    audit,
    hear: (channel, [n, seq], change = {}) => {
      const message = script.messages.find((one) => one.channel === channel && one.n === n);
      const { from = userName(1), dueNs = ORIGIN_NS + (message?.offsetNs ?? 0), spoilt = (bytes) => bytes } = change;
      const { data = payloadData(payload, SEED, message?.index ?? 0) } = change;
      const body = encodeSaid({ channel, from, n }, { dueNs, publishedNs: dueNs + 1, data });
      reader.read(spoilt(encodeMessage(seq, body)));
      return audit.message(reader);
    },
  };
}

/** Message i of the conversation has number i + 1 in the log, but for those that are named. */
function numbersOf(messages: readonly SaidMessage[], others: ReadonlyMap<number, number | null> = new Map()): Spoken {
  return [...new Map([...messages.map(({ index }): [number, number] => [index, index + 1]), ...others])];
}

test('each message once and in order is clean, however channels lie between each other', () => {
  const conversation = conversationOf({ 'room:0': 2, 'user:u0': 1 });
  const { audit, hear } = standOf(conversation);
  expect([hear('room:0', [1, 1]), hear('user:u0', [1, 3]), hear('room:0', [2, 2])]).toEqual([
    'right',
    'right',
    'right',
  ]);
  const numbers = numbersOf(conversation.messages);
  expect(audit.hasAll(numbers)).toBe(true);
  expect(audit.counts(numbers)).toMatchObject({ subscribers: 1, expected: 3, received: 3, lost: 0, reordered: 0 });
});

test('what is due and did not come is lost, whether or not anybody ever numbered it', () => {
  const { audit, hear } = standOf({ messages: sixAndThree, typings: [], visits: [] });
  for (const n of [1, 2, 4]) hear('room:0', [n, n]);
  const numbers = numbersOf(sixAndThree, new Map([[4, null]]));
  expect(audit.hasAll(numbers)).toBe(false);
  expect(audit.counts(numbers)).toMatchObject({ expected: 6, received: 3, lost: 3, declaredLost: 0 });
  // Nobody said more than that: the others were not due yet.
  expect(audit.counts(numbers.slice(0, 4))).toMatchObject({ expected: 4, lost: 1 });
});

test('what a server says to be gone is lost, and declared', () => {
  const { audit, hear } = standOf({ messages: sixAndThree, typings: [], visits: [] });
  for (const n of [1, 2, 6]) hear('room:0', [n, n]);
  audit.gap(3, 4);
  expect(audit.counts(numbersOf(sixAndThree))).toMatchObject({ lost: 3, declaredLost: 2 });
});

test('order and number are those of one sender in one channel', () => {
  const { audit, hear } = standOf({ messages: sixAndThree, typings: [], visits: [] });
  for (const [n, seq] of [
    [1, 1],
    [3, 3],
    [2, 2],
    [4, 4],
    [4, 4],
    [5, 5],
    [6, 6],
  ] as const)
    hear('room:0', [n, seq]);
  expect(audit.counts(numbersOf(sixAndThree))).toMatchObject({ lost: 0, reordered: 1, duplicated: 1, received: 7 });
});

describe('what comes intact and is not in the schedule is misplaced', () => {
  const other = payloadData(payload, SEED, 77);
  test.each<[string, Partial<Heard> & { readonly channel?: string; readonly n?: number }]>([
    ['another sender', { from: 'u9' }],
    ['a number that is never said', { n: 7 }],
    ['another time', { dueNs: ORIGIN_NS + 17 }],
    ['the data of another', { data: other }],
    ['a channel that the client does not follow', { channel: 'room:1' }],
    ['a channel that nobody speaks in', { channel: 'room:9' }],
  ])('%s', (_, { channel = 'room:0', n = 1, ...change }) => {
    const { audit, hear } = standOf({ messages: sixAndThree, typings: [], visits: [] });
    expect(hear(channel, [n, 1], change)).toBe('misplaced');
    expect(audit.counts(numbersOf(sixAndThree))).toMatchObject({ received: 1, misplaced: 1, lost: 6, corrupted: 0 });
  });
});

test('a message of a publisher is none of a conversation', () => {
  const { audit } = standOf({ messages: sixAndThree, typings: [], visits: [] });
  const reader = new HeaderReader();
  const covered = '"dueNs":1,"publishedNs":2,"data":1';
  reader.read(Buffer.from(`{"seq":1,${covered},"crc":"${crc32(covered).toString(16).padStart(8, '0')}"}`));
  expect(audit.message(reader)).toBe('misplaced');
});

test('what is damaged is corrupted, and not lost too', () => {
  const { audit, hear } = standOf({ messages: sixAndThree, typings: [], visits: [] });
  const spoilt = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    const at = copy.indexOf('"data":') + 20;
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  for (const n of [1, 2, 3, 4, 5]) hear('room:0', [n, n]);
  expect(hear('room:0', [6, 6], { spoilt })).toBe('corrupted');
  expect(audit.counts(numbersOf(sixAndThree))).toMatchObject({ corrupted: 1, lost: 0, received: 6 });
  expect(audit.hasAll(numbersOf(sixAndThree))).toBe(true);
});

describe('who joins and leaves meanwhile', () => {
  /** Six messages in the other room; those of the log are 11 to 16. */
  const conversation = conversationOf({ 'room:1': 6 });
  const numbers: Spoken = conversation.messages.map(({ index }) => [index, index + 11]);

  test('gets what is numbered above the answer, and need not get what is below it', () => {
    const { audit, hear } = standOf(conversation);
    expect(hear('room:1', [1, 11])).toBe('misplaced');
    const joined = audit.join('room:1');
    // It is on its way: perhaps it comes before the answer does.
    expect(hear('room:1', [2, 12])).toBe('right');
    joined({ seq: 13 });
    for (const n of [4, 5, 6]) expect(hear('room:1', [n, n + 10])).toBe('right');
    expect(audit.hasAll(numbers)).toBe(true);
    expect(audit.counts(numbers)).toMatchObject({ expected: 3, lost: 0, misplaced: 1, received: 5 });
  });

  test('misses what is numbered above the answer and does not come', () => {
    const { audit, hear } = standOf(conversation);
    audit.join('room:1')({ seq: 12 });
    hear('room:1', [4, 14]);
    expect(audit.hasAll(numbers)).toBe(false);
    expect(audit.counts(numbers)).toMatchObject({ expected: 4, lost: 3 });
  });

  test('gets nothing above the answer to its leave, and all that was before it said so', () => {
    const { audit, hear } = standOf(conversation);
    audit.join('room:1')({ seq: 10 });
    for (const n of [1, 3]) hear('room:1', [n, n + 10]);
    const left = audit.leave('room:1');
    expect(hear('room:1', [4, 14])).toBe('right');
    left({ seq: 15 });
    expect(hear('room:1', [6, 16])).toBe('misplaced');
    // 1 to 3 were to come: 3 had. 4 and 5 may, or may not.
    expect(audit.counts(numbers)).toMatchObject({ expected: 3, lost: 1, misplaced: 1 });
  });

  test('may come back', () => {
    const { audit, hear } = standOf(conversation);
    audit.join('room:1')({ seq: 10 });
    hear('room:1', [1, 11]);
    audit.leave('room:1')({ seq: 11 });
    expect(hear('room:1', [2, 12])).toBe('misplaced');
    audit.join('room:1')({ seq: 13 });
    for (const n of [4, 5, 6]) hear('room:1', [n, n + 10]);
    expect(audit.counts(numbers)).toMatchObject({ expected: 4, lost: 0, misplaced: 1 });
  });

  test('is to get a message whose number nobody knows, where its neighbours lie within', () => {
    const { audit, hear } = standOf(conversation);
    audit.join('room:1')({ seq: 11 });
    for (const n of [2, 4, 5]) hear('room:1', [n, n + 10]);
    const unknown = numbers.with(2, [2, null]);
    expect(audit.counts(unknown)).toMatchObject({ expected: 5, lost: 2 });
    // At the edge it is on nobody's side.
    const atEdge = numbers.with(1, [1, null]);
    expect(audit.counts(atEdge)).toMatchObject({ expected: 4, lost: 2 });
  });

  test('follows nothing where it was refused, and nothing is certain where no answer came', () => {
    const { audit, hear } = standOf(conversation);
    audit.join('room:1')({ error: 'no', reason: 'forbidden' });
    expect(audit.counts(numbers)).toMatchObject({ expected: 0, lost: 0 });
    expect(hear('room:1', [1, 11])).toBe('right');
    expect(audit.counts(numbers)).toMatchObject({ expected: 0, lost: 0 });
  });
});

describe('where the newest of each sender is all that counts', () => {
  // Each is due a millisecond after the one before.
  const script = conversationOf({ 'room:0': 6, 'user:u0': 2 });
  const numbers = numbersOf(script.messages);
  const latest = (withinMs: number): Stand =>
    standOf(script, ({ channel, messages }) =>
      channel === 'room:0' ? Replacements.inStream(messages, withinMs * 1e6) : undefined,
    );

  function hearAll({ hear }: Stand, ns: readonly number[], direct: readonly number[] = [1, 2]): void {
    for (const n of ns) hear('room:0', [n, n]);
    for (const n of direct) hear('user:u0', [n, n + 6]);
  }

  test('what a newer one replaced is left out, and not lost', () => {
    const stand = latest(10);
    hearAll(stand, [2, 6]);
    expect(stand.audit.hasAll(numbers)).toBe(true);
    expect(stand.audit.counts(numbers)).toMatchObject({ expected: 8, received: 4, leftOut: 4, lost: 0 });
  });

  test('the newest has to come, and before it does nothing replaces those before it', () => {
    const stand = latest(10);
    hearAll(stand, [2, 5]);
    expect(stand.audit.hasAll(numbers)).toBe(false);
    expect(stand.audit.counts(numbers)).toMatchObject({ leftOut: 3, lost: 1 });
    stand.hear('room:0', [6, 6]);
    expect(stand.audit.hasAll(numbers)).toBe(true);
  });

  test('what was replaced too late is lost', () => {
    const stand = latest(2);
    hearAll(stand, [1, 6]);
    // 2 and 3 are 4 and 3 ms older than what came next.
    expect(stand.audit.counts(numbers)).toMatchObject({ leftOut: 2, lost: 2 });
  });

  test('an older value behind a newer one, and one that comes twice, are faults', () => {
    const stand = latest(10);
    hearAll(stand, [2, 6, 4, 6]);
    expect(stand.audit.counts(numbers)).toMatchObject({ leftOut: 3, lost: 0, reordered: 1, duplicated: 1 });
  });

  test('what is said to one alone has to come whole', () => {
    const stand = latest(10);
    hearAll(stand, [6], [2]);
    expect(stand.audit.hasAll(numbers)).toBe(false);
    expect(stand.audit.counts(numbers)).toMatchObject({ leftOut: 5, lost: 1 });
  });

  test('who is back has caught up with the newest that was due', () => {
    const stand = latest(10);
    stand.hear('room:0', [3, 3]);
    expect([2, 3].map((ms) => stand.audit.hasCaughtUp(ORIGIN_NS + ms * 1e6))).toEqual([true, false]);
  });
});
