import { expect, test } from 'vitest';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { loadWorkload, workloadNames } from '../../scenarios/feed/workload.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { comparisonOf, isUnsupported } from './comparison.ts';
import { buildReport, type MeasuredRow } from './report.ts';

/** Rows of the sample, with that many messages in their windows. */
function rowsWith(...messages: readonly number[]): MeasuredRow[] {
  const { measured } = buildReport(sampleResult());
  return messages.flatMap((dueInWindow, index) => {
    const row = measured[index];
    return row === undefined ? [] : [{ ...row, trial: { ...row.trial, dueInWindow } }];
  });
}

test.each([
  ['a thousand', [1000], 99],
  ['just fewer', [999], 95],
  ['200', [200], 95],
  ['100', [100, 199], 90],
  ['some of them few', [1000, 40, 500], 75],
])('beside the median stands the highest percentile that all rows support: %s', (_, messages, upper) => {
  const rows = rowsWith(...messages);
  const columns = comparisonOf(rows);
  expect(columns.slice(0, 2).map(({ title }) => title)).toEqual(['staleness p50', `staleness p${upper}`]);
  expect(rows.some((row) => columns.some((column) => isUnsupported(column, row)))).toBe(false);
});

test('where the messages support none, the lowest of them is shown with its mark', () => {
  const rows = rowsWith(20);
  const marked = comparisonOf(rows).filter((column) => rows.some((row) => isUnsupported(column, row)));
  expect(marked.map(({ title }) => title)).toEqual(['staleness p75']);
});

test.each(workloadNames())('the scenario %s has enough messages for what a report headlines', (name) => {
  const { feed, durationNs } = loadWorkload(name);
  const warmUpNs = 3 * NS_PER_SECOND;
  const inWindow = dueOffsetsNs(feed, warmUpNs + durationNs, 1).filter((offsetNs) => offsetNs >= warmUpNs);
  const rows = rowsWith(inWindow.length);
  expect(comparisonOf(rows).filter((column) => rows.some((row) => isUnsupported(column, row)))).toEqual([]);
});
