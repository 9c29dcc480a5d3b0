import { expect, test } from 'vitest';
import { type ExactVariant, exactCampaign } from '../../testing/exact-campaign.ts';
import { answerOf } from '../answer/answer.ts';
import { rankingOf } from '../ratios.ts';
import { buildReport } from '../report.ts';
import { type WaysToPoll, waysToPollOf } from './ways-to-poll.ts';

const NAIVE: ExactVariant = { like: 'polling', medianMs: [1000, 1001], wireBytes: 400, cpuUs: [12, 12] };
const WEBSOCKET: ExactVariant = { like: 'websocket', medianMs: [1, 1], wireBytes: 420, cpuUs: [20, 20] };

function ways(...variants: readonly ExactVariant[]): WaysToPoll | undefined {
  return waysToPollOf(buildReport(exactCampaign(variants)));
}

interface Done {
  readonly wireBytes?: number;
  readonly cpuUs?: number;
  readonly medianMs?: number;
}

function done(values: Record<string, string>, { wireBytes = 400, cpuUs = 12, medianMs = 1000 }: Done): ExactVariant {
  return { ...NAIVE, values, wireBytes, cpuUs: [cpuUs, cpuUs], medianMs: [medianMs, medianMs] };
}

test('nothing is said where clients polled in one way alone', () => {
  expect(ways(NAIVE, WEBSOCKET)).toBeUndefined();
  expect(ways(done({ ask: 'adaptive' }, { wireBytes: 200 }), WEBSOCKET)).toBeUndefined();
});

test('what took the least of what is as fresh is named, and what the naive kind of the same place took beside it', () => {
  const found = ways(NAIVE, done({ ask: 'etag' }, { wireBytes: 200, cpuUs: 24, medianMs: 1050 }), WEBSOCKET);
  expect(found?.ways.map(({ name }) => name)).toHaveLength(3);
  expect(found?.sentences).toHaveLength(2);
  const [bytes, cpu] = found?.sentences ?? [];
  expect(bytes).toMatch(
    /etag polls.* took the fewest bytes: .*\. The naive kind, HTTP polling .*, took 2(\.00)? times that: /,
  );
  expect(cpu).toMatch(/^Of what was as fresh, nothing took less server CPU than the naive kind, HTTP polling/);
});

test('what is staler is never first: what it takes less stands beside its price in freshness', () => {
  const [least, staler] =
    ways(
      NAIVE,
      done({ ask: 'adaptive' }, { wireBytes: 100, medianMs: 2000 }),
      done({ ask: 'etag' }, { wireBytes: 300 }),
    )?.sentences ?? [];
  expect(least).toMatch(/etag polls.* took the fewest bytes/);
  expect(staler).toMatch(
    /adaptive polls.* took fewer bytes for messages 2(\.00)? times as old \(2(\.00)? s against 1\.00 s.*0\.25(0)? times what the naive kind took/,
  );
});

test('what differs by less than a tenth takes as much', () => {
  const [least, ...others] = ways(NAIVE, done({ cache: 'shared' }, { wireBytes: 370 }))?.sentences ?? [];
  expect(least).toMatch(/nothing took fewer bytes than the naive kind/);
  expect(others.join(' ')).not.toContain('shared cache');
});

test('what was measured over something else, or for other messages, is held against nothing', () => {
  for (const values of [
    { ask: 'adaptive', origin: 'work' },
    { ask: 'etag', deliver: 'latest' },
  ])
    expect(ways(NAIVE, done(values, { wireBytes: 200 }))?.sentences).toEqual([]);
});

test('the reads of an origin are told where there is one', () => {
  const reads = (each: number) => (trial: Parameters<NonNullable<ExactVariant['change']>>[0]) => ({
    ...trial,
    countersPerBin: { ...trial.countersPerBin, originReads: (trial.countersPerBin.answers ?? []).map((n) => n * each) },
  });
  const naive = { ...done({ origin: 'work' }, {}), change: reads(1) };
  const shared = { ...done({ origin: 'work', cache: 'shared' }, { medianMs: 1500 }), change: reads(0.01) };
  const found = ways(naive, shared)?.sentences ?? [];
  expect(found.at(-1)).toMatch(
    /shared cache.* took fewer origin reads for messages 1\.50? times as old .*0\.010? times what/,
  );
});

test('the answer says how to poll', () => {
  const result = exactCampaign([NAIVE, done({ ask: 'etag' }, { wireBytes: 200 }), WEBSOCKET]);
  const { reasons } = answerOf(buildReport(result));
  expect(reasons.at(-1)).toMatch(/etag polls.* took the fewest bytes: .* The naive kind, .*, took 2/);
});

test('a tab that does not look all the time is not the freshest, and it is said what it shows when it does', () => {
  const result = exactCampaign([NAIVE, done({ ask: 'hidden' }, { wireBytes: 200, medianMs: 10 })]);
  const report = buildReport(result);
  const ranking = rankingOf(report, 'staleness.p50');
  expect(ranking.state).toBe('unranked');
  expect(rankingOf(report, 'bytes.wire')).toMatchObject({ state: 'ranked' });
  expect(report.groups.map(({ label }) => label)).toContainEqual(expect.stringContaining('ages while shown'));
  const found = waysToPollOf(report)?.sentences ?? [];
  expect(found[0]).toMatch(/^Of what was as fresh, nothing took fewer bytes than the naive kind/);
  expect(found[1]).toMatch(/took fewer bytes with half of its tabs hidden, which asked nothing: .*0\.50?0? times/);
  // Five intervals of 2 s.
  expect(waysToPollOf(report)?.away).toMatch(/shows what it had 10\.0 s before/);
});
