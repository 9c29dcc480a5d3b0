import { expect, test } from 'vitest';
import { buildReport } from '../report/report.ts';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { bytes } from './bytes.ts';

const DELIVERIES = 100;
/** Of each layer and direction another figure, so that one shown in another's place is seen. */
const BYTES_PER_MESSAGE = [
  ['payloadBytes', 211],
  ['transportBytesDown', 223],
  ['transportBytesUp', 227],
  ['wireBytesDown', 229],
  ['wireBytesUp', 233],
] as const;

function shown(): Record<string, string> {
  const trial = websocketTrial();
  const perBin = (amount: number): number[] => Array.from({ length: trial.window.bins }, () => amount);
  const countersPerBin: typeof trial.countersPerBin = {
    deliveries: perBin(DELIVERIES),
    published: perBin(7),
    backplaneBytes: perBin(7 * 239),
  };
  for (const [id, amount] of BYTES_PER_MESSAGE) countersPerBin[id] = perBin(DELIVERIES * amount);
  const text = bytes(buildReport(sampleResult({ trials: [{ ...trial, countersPerBin }] })))?.text ?? '';
  const cells = (tag: string): string[] =>
    [...text.matchAll(new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`, 'g'))].map(([, cell = '']) => cell);
  const [, ...titles] = cells('th');
  return Object.fromEntries(titles.map((title, index) => [title, cells('td')[index] ?? '']));
}

test('every layer and direction stands under its own title', () => {
  expect(shown()).toEqual({
    message: '211',
    'transport down': '223',
    'transport up': '227',
    'wire down': '229',
    'wire up': '233',
    'wire, both': '462',
    // 100 deliveries a second to 50 clients.
    'wire, a client and second': '924',
    backplane: '239',
  });
});

test('of a run without a measured trial there is nothing to say', () => {
  expect(bytes(buildReport(sampleResult({ trials: [] })))).toBeUndefined();
});
