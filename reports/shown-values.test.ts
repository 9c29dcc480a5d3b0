import { expect, test } from 'vitest';
import type { RoundsFeed } from '../scenarios/feed/kinds/feed-schemas.ts';
import { Histogram } from '../scenarios/measures/histogram.ts';
import type { MeasuredTrial } from '../scenarios/result/result.ts';
import { renderPage } from './page.ts';
import { buildReport, type Report } from './report/report.ts';
import { shownValuesOf } from './report/values/shown-values.ts';
import { terminalTable } from './terminal-table.ts';
import { type ExactVariant, exactCampaign } from './testing/exact-campaign.ts';
import { sampleResult } from './testing/sample-result.ts';

const feed: RoundsFeed = {
  kind: 'rounds',
  messagesPerSecond: 320,
  roomSize: 8,
  publisherShare: 0,
  clientsSayTo: 'room',
};

/** In each second its clients show values for so long, and these are so old in the mean. */
function showing(ageMs: number, leftOut = 0) {
  return (trial: MeasuredTrial): MeasuredTrial => {
    const each = (value: number): number[] => Array.from({ length: trial.window.bins }, () => value);
    const ageReplaced = new Histogram();
    for (let value = 0; value < 400; value++) ageReplaced.record(2 * ageMs * 1e6);
    return {
      ...trial,
      histograms: { ...trial.histograms, ageReplaced: ageReplaced.snapshot() },
      countersPerBin: { ...trial.countersPerBin, shownTime: each(3e9), shownAge: each(3 * ageMs * 1e6) },
      audit: { ...trial.audit, leftOut },
    };
  };
}

const all: ExactVariant = { like: 'websocket', medianMs: [1, 1], wireBytes: 400, cpuUs: [20, 20], change: showing(52) };
const latest: ExactVariant = {
  ...all,
  medianMs: [50, 50],
  values: { deliver: 'latest' },
  wireBytes: 200,
  cpuUs: [10, 10],
  change: showing(102, 7),
};

function reportOf(...variants: readonly ExactVariant[]): Report {
  return buildReport(exactCampaign(variants, { workload: { ...sampleResult().workload, feed } }));
}

test('what sending the newest alone saves and what it costs stands in one sentence', () => {
  const found = shownValuesOf(reportOf(all, latest));
  expect(found?.variants.map(({ ageNs }) => Math.round(Number(ageNs) / 1e6))).toEqual([52, 102]);
  expect(found?.sentences).toHaveLength(1);
  expect(found?.sentences[0]).toContain(
    'takes 4,000 B on the wire and 200 µs of server CPU a second instead of 8,000 B and 400 µs',
  );
  expect(found?.sentences[0]).toMatch(/^WebSocket.*: with the newest .* is 102 ms old in the mean instead of 52/);
});

test('of suspect trials it says that its times are not to be relied on', () => {
  const disturbed: ExactVariant = {
    ...latest,
    change: (trial) => ({
      ...showing(102)(trial),
      countersPerBin: { ...showing(102)(trial).countersPerBin, clockErrors: [0, 0, 0, 9] },
    }),
  };
  const [doubted] = shownValuesOf(reportOf(all, disturbed))?.sentences ?? [];
  expect(doubted).toMatch(/the bytes alone are to be relied on\.$/);
  expect(shownValuesOf(reportOf(all, latest))?.sentences[0]).not.toContain('suspect');
});

test('one that was measured in one way alone is compared with nothing, nor with another transport', () => {
  expect(shownValuesOf(reportOf(all))?.sentences).toEqual([]);
  expect(shownValuesOf(reportOf({ ...all, like: 'polling' }, latest))?.sentences).toEqual([]);
});

test('the page and the terminal tell the age of what is shown', () => {
  const report = reportOf(all, latest);
  expect(renderPage(report)).toMatch(/How old is what is shown\?[\s\S]*>52\.0 ms<[\s\S]*>104 ms<[\s\S]*>102 ms</);
  expect(terminalTable(report.result)).toMatch(/age shown/);
});

test('where every message counts nothing is said of it', () => {
  const report = buildReport(exactCampaign([all]));
  expect(shownValuesOf(report)).toBeUndefined();
  expect(renderPage(report)).not.toContain('How old is what is shown?');
});
