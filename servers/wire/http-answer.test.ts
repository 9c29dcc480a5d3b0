import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { Log, type Position } from '../feed/log.ts';
import { bodyOf } from '../testing/test-subscriber.ts';
import { answerOf, Answers, encodeAnswer, LongAnswer, type PollAnswer } from './http-answer.ts';

const after = (seq: number): Position => ({ kind: 'after', seq });

function filled(count: number): Log {
  const log = new Log({ messages: 100, bytes: 1e8 });
  for (let seq = 1; seq <= count; seq++) log.append(seq, bodyOf('x'));
  return log;
}

function textOf(answer: PollAnswer): string {
  if (answer instanceof LongAnswer) throw new TypeError('that is a large one');
  return answer.toString();
}

describe('answers', () => {
  test('are made once for a position, until the next append', () => {
    const log = filled(3);
    const answers = new Answers(log);
    const first = answers.since(after(1));
    expect(answers.since(after(1))).toBe(first);
    expect(answers.since(after(2))).not.toBe(first);
    log.append(4, bodyOf('x'));
    expect(answers.since(after(1)).length).toBeGreaterThan(first.length);
  });

  test('to whoever has nothing are those after nothing', () => {
    const answers = new Answers(filled(3));
    const all = answers.since({ kind: 'oldest' });
    expect((JSON.parse(textOf(all)) as { seq: number }[]).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(answers.since(after(0))).toBe(all);
  });

  test('stand behind what somebody is told first, which is not kept', () => {
    const answers = new Answers(filled(3));
    const plain = answers.since(after(2));
    const first = Buffer.from('{"signal":"welcome"}');
    expect(textOf(answers.behind([first], after(2)))).toBe(`[${first.toString()},\n${textOf(plain).slice(1)}`);
    expect(answers.behind([], after(2))).toBe(plain);
  });

  test('are kept up to a bound of bytes, and the newest in any case', () => {
    const log = filled(3);
    const sizes = [0, 1, 2].map((seq) => new Answers(log).since(after(seq)).length);
    const [all = 0, two = 0, one = 0] = sizes;
    const both = new Answers(log, all + two);
    const kept = both.since(after(0));
    both.since(after(1));
    expect(both.since(after(0))).toBe(kept);
    both.since(after(2));
    expect(both.since(after(0))).not.toBe(kept);
    const oneTooFew = new Answers(log, all + two - 1);
    const first = oneTooFew.since(after(0));
    oneTooFew.since(after(1));
    expect(oneTooFew.since(after(0))).not.toBe(first);
    const none = new Answers(log, 0);
    expect(none.since(after(2))).toBe(none.since(after(2)));
    // What an append has made void no longer counts.
    const fresh = new Answers(log, all + two + one);
    for (const seq of [0, 1, 2]) fresh.since(after(seq));
    log.append(4, bodyOf('x'));
    const again = fresh.since(after(2));
    fresh.since(after(3));
    expect(fresh.since(after(2))).toBe(again);
  });
});

test('a large answer is the same in pieces, which copy no more than a part of it at a time', async () => {
  const sizes = [
    [1],
    [300_000, 5],
    [5, 300_000, 70_000, 5, 5],
    Array.from({ length: 5000 }, (_, index) => 60 + (index % 50)),
  ];
  for (const entries of sizes.map((bytes) => bytes.map((length) => Buffer.alloc(length, 'x')))) {
    const whole = encodeAnswer(entries);
    const answer = answerOf(entries);
    expect(answer).toHaveLength(whole.length);
    expect(answer instanceof LongAnswer).toBe(whole.length > 256 * 1024);
    if (!(answer instanceof LongAnswer)) continue;
    const pieces: Buffer[] = [];
    for await (const piece of answer.stream()) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces)).toEqual(whole);
    for (const piece of pieces)
      expect(piece.length < 128 * 1024 || entries.some((entry) => entry === piece)).toBe(true);
    expect(await buffer(answer.stream())).toEqual(whole);
  }
});

test('of a large answer nothing is kept', () => {
  const log = new Log({ messages: 100, bytes: 1e8 });
  for (let seq = 1; seq <= 3; seq++) log.append(seq, bodyOf('x'.repeat(200_000)));
  const answers = new Answers(log);
  expect(answers.since(after(0))).toBeInstanceOf(LongAnswer);
  expect(answers.since(after(0))).not.toBe(answers.since(after(0)));
  expect(answers.since(after(2))).toBe(answers.since(after(2)));
});

test('an answer is a JSON array with one entry a line', () => {
  const entries = ['{"a":1}', '{"b":2}', '{"c":3}'].map((text) => Buffer.from(text));
  for (const some of [[], entries.slice(0, 1), entries]) {
    const text = encodeAnswer(some).toString();
    expect(JSON.parse(text)).toEqual(some.map((entry) => JSON.parse(entry.toString()) as unknown));
    expect(text.split('\n')).toHaveLength(Math.max(1, some.length));
  }
});
