import { expect, test } from 'vitest';
import { encodeBody, encodeMessage, encodeNotice, type Notice } from '../../../scenarios/feed/message.ts';
import { openBodies, takeEntries } from './entries.ts';

function text(entry: number | Notice): string {
  const bytes = typeof entry === 'number' ? encodeMessage(entry, encodeBody(100, 200, '"data"')) : encodeNotice(entry);
  return bytes.toString();
}

/** What an observer is told of these bodies, and the position after each. */
function takeAll(bodies: readonly string[], first?: number) {
  const figures: number[] = [];
  const told: unknown[] = [];
  const observer = {
    figures,
    message: () => {
      told.push([...figures]);
      figures.length = 0;
    },
    notice: (notice: Notice) => told.push(notice),
    foreign: (words: string) => told.push(words),
  };
  const { take, position } = openBodies(takeEntries(observer), first);
  const before = position();
  const after = bodies.map((body, index) => [take(body, 1000 + index), position()]);
  return { told, before, after };
}

const body = (...entries: (number | Notice)[]): string => `[${entries.map(text).join(',\n')}]`;

test('every entry of a body is told, with the figures of messages', () => {
  const bytes = text(7).length;
  const gap = { notice: 'gap', from: 4, to: 6 } as const;
  const { told, after } = takeAll([body(gap, 7, 8), '[hello]'], 3);
  expect(told).toEqual([gap, [7, 100, 200, bytes, 1000], [8, 100, 200, bytes, 1000], 'hello']);
  expect(after).toEqual([
    [3, 8],
    [1, 8],
  ]);
});

test('before the first answer there is no position, and after an empty one it is the start of the feed', () => {
  expect(takeAll(['[]', body(1)])).toMatchObject({
    before: undefined,
    after: [
      [0, 0],
      [1, 1],
    ],
  });
});

test('the position never moves back but with the feed', () => {
  const { after } = takeAll([
    body(1, 5),
    body(3, 4),
    body({ notice: 'gap', from: 2, to: 3 }),
    body({ notice: 'reset', latest: 2 }, 3),
  ]);
  expect(after.map(([, position]) => position)).toEqual([5, 5, 5, 3]);
});
