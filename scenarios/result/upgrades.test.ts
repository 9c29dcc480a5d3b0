import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Usual } from '../dimensions.ts';
import { parseCeiling } from './ceiling.ts';
import { isMeasured, parseResult, SCHEMA } from './result.ts';
import { upgraded } from './upgrades.ts';

const FOLDER = join(import.meta.dirname, 'fixtures');

/** Of what nobody did then. */
const COUNTED_SINCE = { leftOut: 0, unanswered: 0, refused: 0, misreported: 0 };

/** Real files as each version wrote them: `<kind>-<version>[-<what>].json`. They are never written anew. */
function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}

describe('files of every version are read', () => {
  const names = readdirSync(FOLDER);

  test.each(names.filter((name) => name.startsWith('result-')))('%s', (name) => {
    const result = parseResult(fixture(name));
    expect(result).toMatchObject({ schema: SCHEMA });
  });

  test.each(names.filter((name) => name.startsWith('ceiling-')))('%s', (name) => {
    expect(parseCeiling(fixture(name))).not.toBeTypeOf('string');
  });

  test('and nothing that was measured is lost on the way', () => {
    const written = fixture('result-1-ticker.json') as { trials: { audit: object; histograms: object }[] };
    const result = parseResult(written);
    if (typeof result === 'string') throw new TypeError(result);
    const measured = result.trials.filter((trial) => isMeasured(trial));
    expect(measured).toHaveLength(written.trials.length);
    for (const [index, { audit, histograms }] of measured.entries()) {
      expect(audit).toEqual({ ...written.trials[index]?.audit, misplaced: null, ...COUNTED_SINCE });
      expect(histograms).toEqual(written.trials[index]?.histograms);
    }
  });
});

test('what version 1 did not look at is not known of its trials, and never 0', () => {
  const result = parseResult(fixture('result-1-ticker.json'));
  if (typeof result === 'string') throw new TypeError(result);
  for (const trial of result.trials.filter((candidate) => isMeasured(candidate))) {
    expect(trial.machine).toBeNull();
    expect(trial.sources).toMatchObject({ throttledTime: { kind: 'n/a' }, coresBusy: { kind: 'n/a' } });
    expect(trial.sources.stolenTime).toMatchObject({ kind: 'measured' });
    expect(trial.processes.map(({ waitNsPerBin }) => waitNsPerBin)).toEqual(trial.processes.map(() => null));
  }
});

test('what version 1 knew of a variant are values of its dimensions', () => {
  const result = parseResult(fixture('result-1-ticker.json'));
  if (typeof result === 'string') throw new TypeError(result);
  const { headers, workload } = fixture('result-1-ticker.json') as { headers: string; workload: Usual };
  for (const { variant } of result.trials) {
    const polls = result.transports[variant.transport]?.cadence === 'interval';
    expect(variant.values).toEqual({
      nodes: variant.backplane === 'memory' ? 1 : variant.values['nodes'],
      headers,
      ...(polls && { pollIntervalNs: workload.pollIntervalNs }),
    });
  }
  expect(result.trials.some(({ variant }) => Number(variant.values['nodes']) > 1)).toBe(true);
});

test('a newer version than this one knows is said to be so', () => {
  expect(parseResult({ schema: 'feedbench.result/999' })).toMatch(/its schema is feedbench\.result\/999/);
});

test.each([undefined, null, 7, 'text', [], {}, { schema: 7 }])('%j is left as it is', (value) => {
  expect(upgraded(value)).toBe(value);
});

test.each([
  ['transports', 'none'],
  ['trials', 'none'],
  ['trials', ['none']],
  ['trials', [{ state: 'measured', audit: 'none' }]],
  ['trials', [{ state: 'measured', processes: 'none' }]],
])('version 1 with %s %j is refused, at that place', (field, value) => {
  const file = fixture('result-1-ticker.json') as Record<string, unknown>;
  expect(parseResult({ ...file, [field]: value })).toMatch(new RegExp(`^${field}`));
});

test('frames of version 1 are those of the transport that pushed, and of no other', () => {
  const result = parseResult(fixture('result-1-ticker.json'));
  if (typeof result === 'string') throw new TypeError(result);
  const framed = Object.values(result.transports).filter((traits) => 'framing' in traits);
  expect(framed.map(({ cadence }) => cadence)).toEqual(['push']);
  // RFC 6455, section 5.2: two bytes, and two or eight more for a length that does not fit.
  expect(framed[0]).toMatchObject({
    framing: [
      { fromBytes: 0, addsBytes: 2 },
      { fromBytes: 126, addsBytes: 4 },
      { fromBytes: 65_536, addsBytes: 10 },
    ],
  });
});

test('up to version 3 clients only listened, and nothing was done to servers', () => {
  const result = parseResult(fixture('result-3-ticker.json'));
  if (typeof result === 'string') throw new TypeError(result);
  expect(result.workload.faults).toEqual([]);
  for (const trial of result.trials.filter((candidate) => isMeasured(candidate)))
    expect(trial).toMatchObject({ presence: [], disruption: null });
});
