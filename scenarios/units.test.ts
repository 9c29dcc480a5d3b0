import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from './failures.ts';
import { exactDuration, formatBytes, formatDuration, parseDuration, significant } from './units.ts';

describe('a duration', () => {
  test.each([
    ['10s', 10e9],
    ['250ms', 250e6],
    ['1.5m', 90e9],
    ['2h', 7200e9],
    ['3us', 3000],
    [' 1s ', 1e9],
    ['0.1s', 100e6],
    ['0.3ms', 300_000],
  ])('%j is %d ns', (text, durationNs) => {
    expect(parseDuration(text, 'duration')).toBe(durationNs);
  });

  test.each(['', '10', 's', '-1s', '+1s', '1e3s', '1 s', '10S', '1,5s', '.5s', '5.s', '1d', 'soon'])(
    '%j is none',
    (text) => {
      expect(() => parseDuration(text, '--duration')).toThrow(Failure);
      expect(() => parseDuration(text, '--duration')).toThrow(`--duration: "${text}" is not a duration; write it`);
    },
  );

  test.each(['168.01h', '600h', '11000m', `${'9'.repeat(400)}h`])('%j is too long', (text) => {
    expect(() => parseDuration(text, '--poll')).toThrow(`--poll: "${text}" is too long: at most 168h`);
  });

  test.each(['0s', '0.0ms', '0.0001us'])('%j is too short', (text) => {
    expect(() => parseDuration(text, '--poll')).toThrow(`--poll: "${text}" is too short: at least 1us`);
  });

  test('keeps to the bounds of what it is for, which are in it', () => {
    const bounds = { least: '1ms', most: '2h' };
    expect(() => parseDuration('999us', 'it', bounds)).toThrow('it: "999us" is too short: at least 1ms');
    expect(() => parseDuration('121m', 'it', bounds)).toThrow('it: "121m" is too long: at most 2h');
    expect([parseDuration('1ms', 'it', bounds), parseDuration('120m', 'it', bounds)]).toEqual([1e6, 7200e9]);
  });

  test('may be added up a few times before it is more than a timer takes', () => {
    expect(3 * (parseDuration('168h', 'it') / 1e6)).toBeLessThan(2 ** 31 - 1);
  });

  test('is whole and above zero, whatever is written', () => {
    const unit = fc.constantFrom('us', 'ms', 's', 'm', 'h');
    fc.assert(
      fc.property(fc.double({ min: 1, max: 168, noNaN: true }), unit, (amount, name) => {
        const durationNs = parseDuration(`${amount.toFixed(4)}${name}`, 'duration');
        expect(Number.isSafeInteger(durationNs) && durationNs > 0).toBe(true);
      }),
    );
  });

  test.each([
    [0, '0 µs'],
    [4, '0.004 µs'],
    [37_000, '37.0 µs'],
    [999_400, '999 µs'],
    [999_600, '1.00 ms'],
    [1e6, '1.00 ms'],
    [2_041_000, '2.04 ms'],
    [9_999_000, '10.0 ms'],
    [999_999_999, '1.00 s'],
    [1.31e9, '1.31 s'],
    [59.94e9, '59.9 s'],
    [59.96e9, '1 min 00 s'],
    [90e9, '1 min 30 s'],
    [3599.6e9, '60 min 00 s'],
    [-1.5e6, '-1.50 ms'],
  ])('of %d ns is written %s', (durationNs, text) => {
    expect(formatDuration(durationNs)).toBe(text);
  });
});

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [336, '336 B'],
    [9994, '9,994 B'],
    [12_345, '12.3 kB'],
    [999_600, '1.00 MB'],
    [1.2e6, '1.20 MB'],
    [1e9, '1.00 GB'],
  ])('%d are written %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('three significant digits', () => {
  test.each([
    [0, '0'],
    [1, '1.00'],
    [9.994, '9.99'],
    [9.996, '10.0'],
    [99.96, '100'],
    [999.5, '1,000'],
    [1234.4, '1,234'],
    [0.1234, '0.123'],
    [0.01, '0.010'],
    [-2.5, '-2.50'],
    [1e12, '1,000,000,000,000'],
  ])('of %d are %s', (value, text) => {
    expect(significant(value)).toBe(text);
  });
});

test.each([
  [3e9, '3 s'],
  [1.5e9, '1.5 s'],
  [1e9, '1 s'],
  [999_999_999, '999.999999 ms'],
  [250e6, '250 ms'],
  [1e6, '1 ms'],
  [2500, '2.5 µs'],
])('%d ns that somebody chose are %s, to the last one', (durationNs, text) => {
  expect(exactDuration(durationNs)).toBe(text);
});

test('what is no duration is a mistake of whoever wrote it, and so is one out of its bounds', () => {
  for (const text of ['10', '400h', '0s']) {
    expect(() => parseDuration(text, 'it')).toThrow(expect.objectContaining({ code: 'usage' }));
  }
});

test.each([
  [9994, '9,994 B'],
  [9995, '10.0 kB'],
  [10_000, '10.0 kB'],
  [999_400, '999 kB'],
  [5_555_555, '5.56 MB'],
  [123_456_789_012, '123 GB'],
  [9_876_543_210_123, '9,877 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
