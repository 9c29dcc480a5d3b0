import { expect, test } from 'vitest';
import { exactCampaign, type ExactVariant } from '../testing/exact-campaign.ts';
import { type Decision, decisionOf } from './decision.ts';
import { buildReport } from './report.ts';

const WEBSOCKET: ExactVariant = { like: 'websocket', medianMs: [1.4, 1.5], wireBytes: 420, cpuUs: [20, 20] };
const POLLING: ExactVariant = { like: 'polling', medianMs: [1000, 1001], wireBytes: 345, cpuUs: [12, 12] };

function decide(...variants: readonly ExactVariant[]): Decision {
  return decisionOf(buildReport(exactCampaign(variants)));
}

function choices(decision: Decision): string[][] {
  if (decision.state === 'none') throw new Error(decision.reason);
  return decision.rows.map(({ cells }) =>
    cells.map(({ choices: all }) =>
      all.map(({ offer, cheapest }) => `${offer.name}: ${cheapest.join(' and ')}`).join('; '),
    ),
  );
}

test('what meets a demand for the least, in bytes and in CPU', () => {
  const push = 'WebSocket: bytes and CPU';
  const poll = 'HTTP polling: bytes and CPU';
  expect(choices(decide(WEBSOCKET, POLLING))).toEqual([
    [push, push, push, push],
    [push, push, push, 'HTTP polling: bytes; WebSocket: CPU'],
    [push, push, 'HTTP polling: bytes; WebSocket: CPU', poll],
    [push, push, poll, poll],
  ]);
});

test('what was measured has its place among rates and clients, and the rest says how far it is', () => {
  const decision = decide(WEBSOCKET, POLLING);
  if (decision.state === 'none') throw new Error(decision.reason);
  expect(decision.clients).toEqual([50, 1000, 10_000, 100_000]);
  expect(decision.rows[0]?.cells.map(({ messagesPerSecond, evidence }) => [messagesPerSecond, evidence])).toEqual([
    [0.1, 'beyond'],
    [1, 'beyond'],
    [20, 'measured'],
    [100, 'near'],
  ]);
  const [, , measured] = decision.rows[0]?.cells ?? [];
  expect(measured?.choices[0]?.offer.bytesPerSecond).toBeCloseTo(20 * 420);
  expect(measured?.choices[0]?.cores.map(({ isBeyond }) => isBeyond)).toEqual([false, true, true, true]);
});

test.each([
  ['one trial each', [WEBSOCKET, POLLING].map((variant) => ({ ...variant, medianMs: [1] })), /^One trial each/],
  ['one transport', [WEBSOCKET], /^It takes two transports/],
  [
    'newest messages alone',
    [WEBSOCKET, { ...POLLING, values: { deliver: 'latest' } }],
    /^It takes two transports on one node, uncompressed/,
  ],
])('no table, and why: %s', (_, variants, reason) => {
  const decision = decide(...variants);
  expect(decision.state === 'none' ? decision.reason : 'a table').toMatch(reason);
});

test('a table of the least says where little is known of which it is', () => {
  const doubts = (...variants: readonly ExactVariant[]): readonly string[] => {
    const decision = decide(...variants);
    return decision.state === 'none' ? [] : decision.doubts;
  };
  expect(doubts({ ...WEBSOCKET, cpuUs: [20, 20.1] }, { ...POLLING, cpuUs: [60, 60.2] })).toEqual([]);
  expect(doubts({ ...WEBSOCKET, cpuUs: [10, 20] }, { ...POLLING, cpuUs: [11, 17] })).toEqual([
    'In server CPU HTTP polling every 2 s and WebSocket were not told apart; the table has the least that was seen.',
  ]);
});
