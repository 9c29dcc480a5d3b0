import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { expect, test } from 'vitest';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { loadWorkload, workloadNames } from '../../scenarios/feed/workload.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { longPollingTrial, pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { centreText, isUnsupported, metricsOf } from './comparison.ts';
import { buildReport, type Report } from './report.ts';

const SOME = [pollingTrial(), longPollingTrial(), websocketTrial()];

function reportOn(trials: readonly MeasuredTrial[]): Report {
  return buildReport(sampleResult({ trials: [...trials] }));
}

/** Variants with that many messages in their windows. */
function reportWith(messages: readonly number[]): Report {
  return reportOn(
    messages.flatMap((dueInWindow, index) => {
      const trial = SOME[index];
      return trial === undefined ? [] : [{ ...trial, dueInWindow }];
    }),
  );
}

/** Ids of the metrics in which some variant has too few messages. */
function unsupportedIn(report: Report): string[] {
  return metricsOf(report)
    .filter((metric) => report.groups.some((group) => isUnsupported(group, metric)))
    .map(({ id }) => id);
}

test.each([
  ['a thousand', [1000], 99],
  ['just fewer', [999], 95],
  ['200', [200], 95],
  ['100', [100, 199], 90],
  ['some of them few', [1000, 40, 500], 75],
])('beside the median stands the highest percentile that all variants support: %s', (_, messages, upper) => {
  const report = reportWith(messages);
  expect(
    metricsOf(report)
      .slice(0, 2)
      .map(({ id }) => id),
  ).toEqual(['staleness.p50', `staleness.p${upper}`]);
  expect(unsupportedIn(report)).toEqual([]);
});

test('the messages of all trials stand behind a percentile of a variant', () => {
  expect(metricsOf(buildReport(sampleCampaign({ trials: 1 }))).at(1)?.id).toBe('staleness.p90');
  expect(metricsOf(buildReport(sampleCampaign({ trials: 3 }))).at(1)?.id).toBe('staleness.p95');
});

test('where the messages support none, the lowest of them is shown with its mark', () => {
  const report = reportWith([20]);
  expect(unsupportedIn(report)).toEqual(['staleness.p75']);
  const texts = report.groups.flatMap((group) => metricsOf(report).map((metric) => centreText(group, metric)));
  expect(texts.filter((text) => text.startsWith('≈'))).toHaveLength(1);
});

/** Those in which something is said. */
const spoken = workloadNames().filter((name) => !isSilent(loadWorkload(name).feed));

test.each(spoken)('three trials of %s have enough messages for what a report headlines', (name) => {
  const { feed, durationNs } = loadWorkload(name);
  const warmUpNs = 3 * NS_PER_SECOND;
  const inWindow = dueOffsetsNs(feed, warmUpNs + durationNs, 1).filter((offsetNs) => offsetNs >= warmUpNs);
  expect(unsupportedIn(reportWith([3 * inWindow.length]))).toEqual([]);
});

test('where messages were left out for newer ones, what a client costs stands beside what a message costs', () => {
  const idsOf = (report: Report): string[] => metricsOf(report).map(({ id }) => id);
  const conflated = websocketTrial();
  expect(idsOf(reportOn([conflated]))).not.toContain('bytes.client');
  const report = reportOn([{ ...conflated, audit: { ...conflated.audit, leftOut: 1 } }]);
  expect(idsOf(report).slice(2, 4)).toEqual(['bytes.wire', 'bytes.client']);
});

test('a figure stands as the page has it, and one that is missing as n/a', () => {
  const report = reportOn([{ ...websocketTrial(), processes: [] }]);
  const [group] = report.groups;
  if (group === undefined) throw new Error('nothing was measured');
  const shown = metricsOf(report).map((metric) => [metric.id, centreText(group, metric)]);
  expect(shown.slice(2)).toEqual([
    ['bytes.wire', '436 B'],
    ['cpu.server', 'n/a'],
    ['memory.server', 'n/a'],
  ]);
});
