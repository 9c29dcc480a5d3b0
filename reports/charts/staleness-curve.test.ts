import { expect, test } from 'vitest';
import { formatDuration } from '../../scenarios/units.ts';
import { COMPARED } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { highestSupported, percentilePosition } from '../figures/statistics.ts';
import { centreOf, messagesOf, rangeOf } from '../report/groups.ts';
import { buildReport } from '../report/report.ts';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { linePlot } from './line-plot.ts';
import { shareOf } from './scale.ts';
import { coincidence, stalenessCurves } from './staleness-curve.ts';
import { drawnGroups, sharedLines, shortName } from './subject.ts';

const report = buildReport(sampleCampaign({ variants: 12 }));
const groups = drawnGroups(report);
const plots = stalenessCurves(report).map(({ plot }) => plot);
const MEDIAN = Number(percentilePosition(50).toFixed(4));

/** What html/draw-charts.js gets, of all plots. */
interface Data {
  readonly at: readonly number[];
  readonly lines: readonly { readonly group: string; readonly texts: readonly string[] }[];
}

const drawn = plots.map((plot) => linePlot(plot).text);
const data = drawn.map((text) => JSON.parse(/<script[^>]*>(.*?)<\/script>/s.exec(text)?.[1] ?? '') as Data);

test('every variant has a line, in one of the plots, and the copy of the control has none', () => {
  expect(data.flatMap(({ lines }) => lines.map(({ group }) => group)).toSorted()).toEqual(
    groups.map(({ key }) => key).toSorted(),
  );
  expect(report.groups.length).toBeGreaterThan(groups.length);
});

test('a median is read off as the table has it, with the range of its trials', () => {
  for (const { at, lines } of data) {
    for (const { group: key, texts } of lines) {
      const group = groups.find((one) => one.key === key);
      const centre = group === undefined ? undefined : centreOf(group, 'staleness.p50');
      const [low = 0, high = 0] = (group && rangeOf(group, 'staleness.p50')) ?? [];
      const [own, lowText, highText] = [centre, low, high].map((value) =>
        COMPARED['staleness.p50'].format(Number(value)),
      );
      const expected = lowText === highText ? own : `${own} (${lowText} to ${highText})`;
      expect(texts[at.indexOf(MEDIAN)]).toBe(expected);
    }
  }
});

test('the mark of a median lies where the scale has it', () => {
  for (const [index, { lines, x, y, heightPx }] of plots.entries()) {
    const left = Math.round(1000 * shareOf(x, MEDIAN)) / 10;
    for (const { subject } of lines) {
      const group = groups.find(({ key }) => key === subject.key);
      const centre = group === undefined ? 0 : centreOf(group, 'staleness.p50');
      const [, own = ''] = (drawn[index] ?? '').split(`data-group="${subject.key}"`);
      const marks = [...own.matchAll(/<svg x="([\d.]+)%" y="([\d.]+)" overflow/g)].map(([, a, b]) => [
        Number(a),
        Number(b),
      ]);
      const mark = marks.find(([place]) => place === left);
      expect(mark?.[1]).toBeCloseTo((1 - shareOf(y, isAvailable(centre) ? centre : 0)) * heightPx, 0);
    }
  }
});

test('a line is solid as far as the messages of its trials support it, and ends one nine beyond', () => {
  for (const { lines, at } of plots) {
    for (const { subject, solid, values } of lines) {
      const group = groups.find(({ key }) => key === subject.key);
      const supported = percentilePosition(highestSupported(group === undefined ? 0 : messagesOf(group)));
      expect(solid.to).toBeCloseTo(supported, 3);
      const last = at[values.findLastIndex((value) => value !== null)] ?? 0;
      expect(last).toBeLessThanOrEqual(supported + 1.001);
    }
  }
});

test('no name stands on another', () => {
  for (const text of drawn) {
    const ends = text.slice(text.indexOf('class="ends"'), text.indexOf('<ul class="names"'));
    const lines = [...ends.matchAll(/<text[^>]* y="([\d.]+)"/g)].map(([, y]) => Number(y)).toSorted((a, b) => a - b);
    const gaps = lines.slice(1).map((y, index) => y - (lines[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(13.9);
  }
});

test('lines that nobody can tell apart are named in a sentence', () => {
  const [plot] = plots;
  if (plot === undefined) throw new Error('no plot');
  const [first, second, ...others] = plot.lines;
  if (first === undefined || second === undefined) throw new Error('no lines');
  const shared = sharedLines(plot.lines.map(({ subject }) => subject));
  expect(coincidence({ ...plot, lines: [first, { ...first, subject: second.subject }, ...others] })).toContain(
    `${shortName(first.subject, shared)} and ${shortName(second.subject, shared)}`,
  );
  const shifted = {
    ...first,
    subject: second.subject,
    values: first.values.map((value) => (value === null ? null : 2 * value)),
  };
  expect(coincidence({ ...plot, lines: [first, shifted] })).toBeUndefined();
});

test('words of a scale are those of units', () => {
  const [plot] = plots;
  expect(plot?.y.ticks.map(({ value, text }) => text === formatDuration(value).replace(/\.0+ /, ' '))).not.toContain(
    false,
  );
});
