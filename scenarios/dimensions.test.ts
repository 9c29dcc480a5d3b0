import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dimension,
  DIMENSION_IDS,
  DIMENSIONS,
  isDimensionId,
  optionText,
  parseValue,
  usualValue,
  valueText,
  wrongValue,
} from './dimensions.ts';

test.each(DIMENSION_IDS)('%s: a time has its unit in its name, and its option is a word of its own', (id) => {
  expect(id.endsWith('Ns')).toBe(dimension(id).values.kind === 'time');
  const options = DIMENSION_IDS.map((other) => dimension(other).option);
  expect(options.filter((option) => option === dimension(id).option)).toHaveLength(1);
  expect(dimension(id).option).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

describe('a value on the command line', () => {
  test('is written as it is read, to the last nanosecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e6, max: 1e14 }), (ns) => {
        expect(parseValue('pollIntervalNs', optionText('pollIntervalNs', ns))).toBe(ns);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 10e9 }), fc.integer({ min: 0, max: 5e7 }), (rate, steps) => {
        expect(parseValue('rate', optionText('rate', rate))).toBe(rate);
        expect(parseValue('loss', optionText('loss', steps / 1e8))).toBe(steps / 1e8);
      }),
    );
    for (const nodes of [1, 64]) expect(parseValue('nodes', optionText('nodes', nodes))).toBe(nodes);
    for (const profile of Object.keys(DIMENSIONS.headers.values.of))
      expect(parseValue('headers', profile)).toBe(profile);
  });

  test.each([
    ['nodes', '0', '--nodes: "0" is not a whole number from 1 to 64'],
    ['nodes', '65', '--nodes: "65" is not a whole number from 1 to 64'],
    ['nodes', '1e1', '--nodes: "1e1" is not a whole number from 1 to 64'],
    ['headers', 'toString', '--headers: there is no "toString"; there are browser, minimal'],
    ['pollIntervalNs', '3', '--poll: "3" is not a duration; write it with a unit, such as 10s, 250ms or 2m'],
    ['pollIntervalNs', '999us', '--poll: "999us" is too short: at least 1ms'],
    ['delayNs', '6s', '--delay: "6s" is too long: at most 5s'],
    ['rate', '10', '--rate: "10" is not a rate; write it with a unit, such as 10mbit or 750kbit'],
    ['rate', '1bit', '--rate: "1bit" is not from 1kbit to 10gbit'],
    ['loss', '0.01', '--loss: "0.01" is not a share; write it as 1% or 0.5%'],
    ['loss', '51%', '--loss: "51%" is too much: at most 50%'],
  ] as const)('%s: %s is refused with what there is', (id, text, words) => {
    expect(() => parseValue(id, text)).toThrow(words);
    expect(() => parseValue(id, text)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  });
});

test('a value of a file is of its dimension’s kind; a dimension that nobody knows may have any', () => {
  expect(wrongValue({ nodes: 3, headers: 'browser', pollIntervalNs: 1e9, later: 'anything' })).toBeUndefined();
  expect(wrongValue({ nodes: '3' })).toEqual({ path: ['nodes'], message: 'expected a number' });
  expect(wrongValue({ headers: 3 })).toEqual({ path: ['headers'], message: 'expected a string' });
});

test.each(DIMENSION_IDS)('%s is told in words, and the rest of the table knows it', (id) => {
  const { label, summary, say, values } = dimension(id);
  expect(isDimensionId(id)).toBe(true);
  for (const words of [label, summary, ...(values.kind === 'choice' ? Object.values(values.of) : [])])
    expect(words).toMatch(/^[a-z][^.]{4,}$/);
  expect(say('so')).toMatch(/(^|[\s/])so(\s|$)/);
  expect(say('so')).not.toBe('so');
});

test('what is usual is of the table, or of the scenario', () => {
  const scenario = { pollIntervalNs: 7e9 };
  expect(DIMENSION_IDS.map((id) => usualValue(id, scenario))).toEqual([
    1,
    'browser',
    7e9,
    'text',
    'none',
    'websocket',
    'none',
    'all',
    'none',
    'none',
    'none',
    'since',
    'memory',
    'none',
    'warm',
    '1.1',
    'none',
    'tuned',
    'none',
    0,
    0,
    0,
    'off',
    'on',
  ]);
  expect(isDimensionId('toString')).toBe(false);
});

test.each([
  ['nodes', 3, '3', '3'],
  ['headers', 'minimal', 'minimal', 'minimal'],
  ['pollIntervalNs', 1.5e9, '1.5 s', '1.5s'],
  ['pollIntervalNs', 250_500_000, '250.5 ms', '250.5ms'],
  ['pollIntervalNs', 1500, '1.5 µs', '1.5us'],
  ['rate', 1_638_400, '1.6384 mbit', '1.6384mbit'],
  ['rate', 0, '0 bit', '0bit'],
  ['loss', 0.0025, '0.25%', '0.25%'],
] as const)('%s %j is said to people and to the command line', (id, value, ...said) => {
  expect([valueText(id, value), optionText(id, value)]).toEqual(said);
});
