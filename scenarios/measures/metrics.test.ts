import { expect, test } from 'vitest';
import { COUNTER_IDS, GAUGE_IDS, HISTOGRAM_IDS, METRIC_IDS, METRICS } from './metrics.ts';

test('every metric is of one kind', () => {
  expect([...HISTOGRAM_IDS, ...COUNTER_IDS, ...GAUGE_IDS].toSorted()).toEqual(METRIC_IDS.toSorted());
  expect(HISTOGRAM_IDS.every((id) => METRICS[id].kind === 'histogram')).toBe(true);
  expect(COUNTER_IDS.every((id) => METRICS[id].kind === 'counter')).toBe(true);
  expect(GAUGE_IDS.every((id) => METRICS[id].kind === 'gauge')).toBe(true);
});

const UNITS = ['ns', 'bytes', 'packets', 'messages', 'answers', 'reads', 'connections', 'commands', 'signals', 'ns·s'];

test.each(METRIC_IDS)('%s has a unit, a label and a meaning', (id) => {
  const { kind, unit, label, meaning } = METRICS[id];
  expect(kind === 'histogram' ? ['ns'] : UNITS).toContain(unit);
  expect(label).not.toBe('');
  expect(meaning).not.toBe('');
});

test('no two metrics have the same label', () => {
  expect(new Set(METRIC_IDS.map((id) => METRICS[id].label)).size).toBe(METRIC_IDS.length);
});

test.each(METRIC_IDS)('the label of %s says what the id says', (id) => {
  const words = id.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const label = METRICS[id].label.toLowerCase().replace('-', ' ');
  expect(words.endsWith(label), `${words} and ${label}`).toBe(true);
});
