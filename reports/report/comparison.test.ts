import { expect, test } from 'vitest';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { loadWorkload, workloadNames } from '../../scenarios/feed/workload.ts';
import { formatDuration, NS_PER_SECOND } from '../../scenarios/units.ts';
import { isAvailable } from '../figures/figure.ts';
import { percentileFigure } from '../figures/figures.ts';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { briefText, comparisonOf, isUnsupported } from './comparison.ts';
import { buildReport } from './report.ts';
import type { MeasuredRow } from './rows.ts';

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

test('where messages were left out for newer ones, what a client costs stands beside what a message costs', () => {
  const [row] = rowsWith(400);
  if (row === undefined) throw new Error('nothing was measured');
  const conflated = { ...row, trial: { ...row.trial, audit: { ...row.trial.audit, leftOut: 1 } } };
  const titles = (rows: MeasuredRow[]): string[] => comparisonOf(rows).map(({ title }) => title);
  expect(titles([row])).not.toContain('wire bytes per client and second');
  expect(titles([row, conflated]).slice(2, 4)).toEqual(['wire bytes per message', 'wire bytes per client and second']);
  // Polls, 345 B for each of 20 messages a second.
  const cost = comparisonOf([conflated]).find(({ title }) => title === 'wire bytes per client and second');
  expect(cost?.figure(conflated)).toBeCloseTo(20 * 345);
});

test('each column shows its own figure, in full and in short', () => {
  const [row] = buildReport(sampleResult({ trials: [websocketTrial()] })).measured;
  if (row === undefined) throw new Error('nothing was measured');
  const shown = comparisonOf([row]).map((column) => {
    const figure = column.figure(row);
    return [
      column.title,
      column.brief?.join(' '),
      isAvailable(figure) ? column.format(figure) : figure,
      briefText(column, row),
    ];
  });
  const staleness = (percentile: number): string => {
    const figure = percentileFigure(row.trial, 'staleness', percentile);
    return isAvailable(figure) ? formatDuration(figure) : 'n/a';
  };
  expect(shown).toEqual([
    ['staleness p50', 'staleness p50', staleness(50), staleness(50)],
    ['staleness p95', 'staleness p95', staleness(95), staleness(95)],
    ['wire bytes per message', 'wire B/message', '436 B', '436'],
    ['connections', 'connec- tions', '50', '50'],
    ['deliveries per second', undefined, '1,000', '1,000'],
    ['server CPU per message', 'server CPU µs/message', '20.0 µs', '20.0'],
  ]);
});

test('a percentile that too few messages support is marked, and what is not known is n/a', () => {
  const [row] = rowsWith(20);
  const [median, upper, wire] = comparisonOf(rowsWith(20));
  if (row === undefined || median === undefined || upper === undefined || wire === undefined) throw new Error('no row');
  expect(briefText(median, row)).not.toMatch(/^≈/);
  expect(briefText(upper, row)).toMatch(/^≈[\d.]+ /);
  const blind = {
    ...row,
    figures: { ...row.figures, wireBytesPerMessage: { down: NO_WIRE, up: NO_WIRE, total: NO_WIRE } },
  };
  expect(briefText(wire, blind)).toBe('n/a');
});

const NO_WIRE = { reason: 'no wire here' };
