import { expect, test } from 'vitest';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { Log, type Position } from '../feed/log.ts';
import type { PollAnswer } from '../wire/http-answer.ts';
import { SharedAnswers } from './shared-answers.ts';

const FOREVER_NS = 3600e9;
const OLDEST: Position = { kind: 'oldest' };

function after(seq: number): Position {
  return { kind: 'after', seq };
}

function filled(count: number): Log {
  const log = new Log({ messages: 5, bytes: 1e6 });
  for (let seq = 1; seq <= count; seq++) log.append(seq, encodeBody(seq, seq, 'null'));
  return log;
}

interface Told {
  readonly seq?: number;
  readonly notice?: string;
}

function told(answer: PollAnswer): (number | string)[] {
  if (!Buffer.isBuffer(answer)) throw new TypeError('so little is no long answer');
  return (JSON.parse(answer.toString()) as Told[]).map(({ seq, notice }) => seq ?? notice ?? 'nothing');
}

test('a thousand who ask at once wait for one read', async () => {
  const reading = Promise.withResolvers<undefined>();
  let reads = 0;
  const shared = new SharedAnswers(
    filled(3),
    async () => {
      reads += 1;
      await reading.promise;
    },
    FOREVER_NS,
  );
  const answers = Array.from({ length: 1000 }, async (_, index) => shared.since(after(index % 4)));
  reading.resolve(undefined);
  expect((await Promise.all(answers)).slice(0, 4).map(told)).toEqual([[1, 2, 3], [2, 3], [3], []]);
  expect(reads).toBe(1);
});

test('what came after the read is in no answer until the next one', async () => {
  const log = filled(2);
  let reads = 0;
  const count = async (): Promise<void> => {
    reads += 1;
  };
  const [kept, fresh] = [new SharedAnswers(log, count, FOREVER_NS), new SharedAnswers(log, count, 0)];
  await Promise.all([kept.since(OLDEST), fresh.since(OLDEST)]);
  log.append(3, encodeBody(3, 3, 'null'));
  expect(told(await kept.since(after(1)))).toEqual([2]);
  expect(told(await kept.behind([Buffer.from('{"notice":"first"}')], after(1)))).toEqual(['first', 2]);
  expect(reads).toBe(2);
  expect(told(await fresh.since(after(1)))).toEqual([2, 3]);
  expect(reads).toBe(3);
});

test('who has more than was read gets nothing, who has more than there is is told so', async () => {
  const log = filled(2);
  const shared = new SharedAnswers(log, async () => undefined, FOREVER_NS);
  await shared.since(OLDEST);
  for (let seq = 3; seq <= 8; seq++) log.append(seq, encodeBody(seq, seq, 'null'));
  expect(told(await shared.since(after(8)))).toEqual([]);
  expect(told(await shared.since(after(9)))).toEqual(['reset']);
  // Of what was read nothing is held any more that comes behind the gap.
  expect(told(await shared.since(OLDEST))).toEqual(['gap']);
});

test('a read that fails fails for all who ask as long as one that succeeds would be good, and then there is another', async () => {
  let reads = 0;
  const read = async (): Promise<void> => {
    reads += 1;
    if (reads === 1) throw new Error('away');
  };
  const shared = new SharedAnswers(filled(1), read, FOREVER_NS);
  const outcomes = await Promise.allSettled([shared.since(OLDEST), shared.since(OLDEST), shared.upTo()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await expect(shared.since(OLDEST)).rejects.toThrow('away');
  expect(reads).toBe(1);
  reads = 0;
  const brief = new SharedAnswers(filled(1), read, 0);
  await expect(brief.since(OLDEST)).rejects.toThrow('away');
  expect(told(await brief.since(OLDEST))).toEqual([1]);
  expect(reads).toBe(2);
});
