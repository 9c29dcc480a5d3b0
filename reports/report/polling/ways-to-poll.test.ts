import { expect, test } from 'vitest';
import { type ExactVariant, exactCampaign } from '../../testing/exact-campaign.ts';
import { buildReport } from '../report.ts';
import { type WaysToPoll, waysToPollOf } from './ways-to-poll.ts';

const NAIVE: ExactVariant = { like: 'polling', medianMs: [1000, 1001], wireBytes: 400, cpuUs: [12, 12] };
const WEBSOCKET: ExactVariant = { like: 'websocket', medianMs: [1, 1], wireBytes: 420, cpuUs: [20, 20] };

function ways(...variants: readonly ExactVariant[]): WaysToPoll | undefined {
  return waysToPollOf(buildReport(exactCampaign(variants)));
}

function done(values: Record<string, string>, wireBytes: number, cpuUs: number): ExactVariant {
  return { ...NAIVE, values, wireBytes, cpuUs: [cpuUs, cpuUs] };
}

test('nothing is said where clients polled in one way alone', () => {
  expect(ways(NAIVE, WEBSOCKET)).toBeUndefined();
  expect(ways(done({ ask: 'adaptive' }, 200, 6), WEBSOCKET)).toBeUndefined();
});

test('the least is named, and what the naive kind of the same place costs beside it', () => {
  const found = ways(NAIVE, done({ ask: 'adaptive' }, 200, 24), WEBSOCKET);
  expect(found?.ways.map(({ name }) => name)).toHaveLength(3);
  const [bytes, cpu] = found?.sentences ?? [];
  expect(bytes).toMatch(
    /adaptive polls.* took the least bytes: .* The naive kind, HTTP polling .* takes 2(\.00)? times as much/,
  );
  expect(cpu).toMatch(/took the least server CPU: .* That is the naive kind\.$/);
});

test('what was measured over something else is held against nothing', () => {
  const [bytes] = ways(NAIVE, done({ ask: 'adaptive', origin: 'work' }, 200, 6))?.sentences ?? [];
  expect(bytes).toMatch(/The naive kind of the same place was not measured\.$/);
});
