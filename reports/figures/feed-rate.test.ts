import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { websocketTrial } from '../testing/sample-result.ts';
import { feedRateText, realisedRate } from './feed-rate.ts';

/** With a window of 20 s. */
function dueIn(dueInWindow: number): MeasuredTrial {
  return { ...websocketTrial(), dueInWindow };
}

const planned = (messagesPerSecond: number) => ({ kind: 'poisson', messagesPerSecond }) as const;

test('the rate is what was due in the window, not what was planned', () => {
  expect(realisedRate(dueIn(8))).toBe(0.4);
  const empty = { ...dueIn(8), window: { ...dueIn(8).window, endBin: dueIn(8).window.firstBin } };
  expect(realisedRate(empty)).toBe(0);
});

test.each([
  [20, [400], '20 messages a second'],
  [0.5, [8], '0.4 messages a second (0.5 planned)'],
  [0.5, [8, 9, 9], '0.433 messages a second (0.5 planned)'],
  [20, [400, 400, 400], '20 messages a second'],
  [1.5, [], '1.5 messages a second'],
  [5000, [98_000], '4,900 messages a second (5,000 planned)'],
])('of %d planned, with %j due in windows of 20 s', (rate, due, text) => {
  expect(feedRateText(planned(rate), due.map(dueIn))).toBe(text);
});
