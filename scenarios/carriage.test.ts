import { expect, test } from 'vitest';
import { carriageOf, framingBytes } from './carriage.ts';

const framing = [
  { fromBytes: 0, addsBytes: 2 },
  { fromBytes: 126, addsBytes: 4 },
];

test('a variant is carried as usual but where all values of an exception are its own, the first of them', () => {
  const traits = {
    cadence: 'push',
    framing,
    exceptions: [
      { where: { shape: 'polling', frames: 'binary' }, is: { cadence: 'interval' } },
      { where: { shape: 'polling' }, is: { cadence: 'held' } },
    ],
  } as const;
  const cadence = (values: Record<string, string | number>): string => carriageOf(traits, values).cadence;
  expect(cadence({})).toBe('push');
  expect(cadence({ shape: 'websocket', frames: 'binary' })).toBe('push');
  expect(cadence({ shape: 'polling' })).toBe('held');
  expect(cadence({ shape: 'polling', frames: 'text' })).toBe('held');
  expect(cadence({ shape: 'polling', frames: 'binary' })).toBe('interval');
});

test('framing is of the last row that begins at or below a size', () => {
  expect([0, 125, 126, 1e6].map((bytes) => framingBytes(framing, bytes))).toEqual([2, 2, 4, 4]);
  expect(framingBytes([], 5)).toBe(0);
});
