import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DroppedNumbers } from './dropped-numbers.ts';

test('tells the newest that was dropped of the channels that are asked about', () => {
  const dropped = new DroppedNumbers();
  dropped.add('a', 1);
  dropped.add('b', 2);
  dropped.add('a', 4);
  expect([
    dropped.newestOf(['a']),
    dropped.newestOf(['b']),
    dropped.newestOf(['a', 'b']),
    dropped.newestOf(['c']),
  ]).toEqual([4, 2, 4, 0]);
});

test('what is gone as a whole is gone for all', () => {
  const dropped = new DroppedNumbers();
  dropped.add('a', 1);
  dropped.all(7);
  expect([dropped.newestOf(['a']), dropped.newestOf([])]).toEqual([7, 7]);
});

test('of more channels than it tells apart, the quietest are taken for as new as the newest that was forgotten', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30_000 }), { minLength: 20_000, maxLength: 30_000 }), (channels) => {
      const dropped = new DroppedNumbers();
      const newest = new Map<string, number>();
      for (const [index, channel] of channels.entries()) {
        dropped.add(`c${channel}`, index + 1);
        newest.set(`c${channel}`, index + 1);
      }
      for (const [channel, seq] of newest) expect(dropped.newestOf([channel])).toBeGreaterThanOrEqual(seq);
      const [last = 0] = channels.slice(-1);
      expect(dropped.newestOf([`c${last}`])).toBe(channels.length);
    }),
    { numRuns: 3 },
  );
});
