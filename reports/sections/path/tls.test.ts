import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../../scenarios/result/result.ts';
import { buildReport } from '../../report/report.ts';
import { longPollingTrial, sampleResult, websocketTrial } from '../../testing/sample-result.ts';
import { tls } from './tls.ts';

const DELIVERIES = 100;

interface Carried {
  readonly down: number;
  readonly up: number;
  readonly answers?: number;
}

/** The same trial over TLS or without, of which each message took so many bytes. */
function carrying(trial: MeasuredTrial, isSecured: boolean, { down, up, answers = 0 }: Carried): MeasuredTrial {
  const perBin = (amount: number): number[] => Array.from({ length: trial.window.bins }, () => amount);
  return {
    ...trial,
    variant: {
      ...trial.variant,
      values: { ...trial.variant.values, http: '1.1', ...(isSecured && { tls: 'tls1.3' }) },
    },
    countersPerBin: {
      ...trial.countersPerBin,
      deliveries: perBin(DELIVERIES),
      answers: perBin(answers),
      transportBytesDown: perBin(DELIVERIES * down),
      transportBytesUp: perBin(DELIVERIES * up),
    },
    ramp: { ...trial.ramp, wireBytes: trial.clients * (isSecured ? 6000 : 1600), serverCpuNs: trial.clients * 1e6 },
  };
}

function shown(trials: readonly MeasuredTrial[]): string {
  const text = tls(buildReport(sampleResult({ trials: [...trials] })))?.text ?? '';
  return text.replaceAll('</td>', ' | ').replaceAll(/<[^>]+>/g, '');
}

test('a push over TLS is a record more, and a handshake is what connecting took besides', () => {
  const trial = websocketTrial();
  const text = shown([carrying(trial, false, { down: 291, up: 0 }), carrying(trial, true, { down: 313, up: 0 })]);
  expect(text).toMatch(/TLS added [\d.]+ B to a message/);
  expect(text).toContain('1 of 1 are within 3 % of the formula');
  expect(text).toContain('291 B → 313 B');
  expect(text).toMatch(/\| 313 B \| 0\.0 % \| 4,400 B \|/);
});

test('a request and its answer are a record each, and a page over TLS names where it came from', () => {
  const trial = longPollingTrial();
  const answers = DELIVERIES;
  const headers = trial.variant.values['headers'] === 'browser' ? 1 : 0;
  const plain = carrying(trial, false, { down: 500, up: 600, answers });
  const text = shown([plain, carrying(trial, true, { down: 522, up: 622 + headers, answers })]);
  expect(text).toContain('1 of 1 are within 3 % of the formula');
  expect(text).toMatch(new RegExp(`\\| ${(1144 + headers).toLocaleString('en-US')} B \\| 0\\.0 % \\|`));
});

test('over HTTP/2 records are shared, and no formula is told', () => {
  const trial = websocketTrial();
  const pair = [false, true].map((isSecured) => {
    const carried = carrying(trial, isSecured, { down: 300, up: 0 });
    return { ...carried, variant: { ...carried.variant, values: { ...carried.variant.values, http: '2' } } };
  });
  expect(shown(pair)).toContain('frames of several requests share records');
});

test('what is not as the formula has it is named', () => {
  const trial = websocketTrial();
  const text = shown([carrying(trial, false, { down: 291, up: 0 }), carrying(trial, true, { down: 400, up: 0 })]);
  expect(text).toContain('0 of 1 are within 3 % of the formula');
  expect(text).toContain('+27.8 %');
});

test('without both ways there is nothing to say', () => {
  const trial = websocketTrial();
  expect(shown([trial])).toBe('');
  expect(shown([carrying(trial, true, { down: 1, up: 1 })])).toBe('');
});
