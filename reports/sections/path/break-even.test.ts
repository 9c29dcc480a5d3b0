import { expect, test } from 'vitest';
import { isMeasured, type Result } from '../../../scenarios/result/result.ts';
import { breakEvensOf } from '../../report/polling/break-evens.ts';
import { buildReport, type Report } from '../../report/report.ts';
import { breakEven } from './break-even.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { type Character, sampleTrial } from '../../testing/sample-trial.ts';
import { breakEvenPlot } from '../../charts/break-even.ts';

const MESSAGE_BYTES = 300;
const PER_ANSWER = 40;
/** Of a poll with its answer, on the socket; on the wire with what lies around eight segments; and of a push. */
const HEAD = { '1.1': 733, '2': 152 } as const;
const AROUND = 198 + 66 * 1.75 * ((MESSAGE_BYTES * PER_ANSWER) / 1448 - 1);
const PUSH = { '1.1': 158, '2': 167 } as const;

type Http = keyof typeof HEAD;

function character(transport: string, http: Http, wireBytesPerMessage: number): Character {
  const polls = transport === 'polling';
  const values = { nodes: 1, ...(http === '2' && { http }), ...(polls && { pollIntervalNs: 2e9 }) };
  return {
    variant: { transport, backplane: 'memory', values },
    stalenessMs: [1, 5],
    answersPerSecond: polls ? 25 : 0,
    emptyShare: 0,
    headerBytes: polls ? HEAD[http] : 0,
    wireBytesPerMessage,
    cpuUsPerMessage: 20,
  };
}

function reportOf(versions: readonly Http[], changes: Partial<Result> = {}): Report {
  const trials = versions.flatMap((http) => [
    sampleTrial(character('polling', http, MESSAGE_BYTES + (HEAD[http] + AROUND) / PER_ANSWER)),
    sampleTrial(character('websocket', http, MESSAGE_BYTES + PUSH[http])),
  ]);
  return buildReport(sampleResult({ trials, ...changes }));
}

const both = reportOf(['1.1', '2']);

test('both versions stand beside each other, with where polling becomes cheaper', () => {
  const text = String(breakEven(both)?.text);
  expect(text).toContain(
    'HTTP polling takes fewer bytes than WebSocket from 6.1 messages an interval on over HTTP/1.1, from 2.1 on over HTTP/2.',
  );
  const { lines, crossings = [] } = breakEvenPlot(breakEvensOf(both));
  expect(lines).toHaveLength(4);
  expect(crossings.map((crossing) => crossing.text)).toEqual(['6.1 over HTTP/1.1', '2.1 over HTTP/2']);
});

test('lines go through what was measured, and meet where that is said', () => {
  const { at, lines, marks, crossings = [] } = breakEvenPlot(breakEvensOf(both));
  expect(marks).toEqual([PER_ANSWER]);
  const [polled, pushed] = lines.map(
    ({ values }) =>
      (x: number) =>
        values[at.indexOf(x)],
  );
  expect(polled?.(PER_ANSWER)).toBeCloseTo((HEAD['1.1'] + AROUND) / PER_ANSWER);
  expect(pushed?.(PER_ANSWER)).toBeCloseTo(PUSH['1.1']);
  const [first = { x: 0, y: 0 }] = crossings;
  expect(polled?.(first.x)).toBeCloseTo(first.y, 2);
  expect(pushed?.(first.x)).toBeCloseTo(first.y);
});

test('where sockets do not tell, the wire does', () => {
  const trials = both.result.trials.map((trial) => {
    if (!isMeasured(trial)) return trial;
    const silent = { kind: 'n/a', reason: 'it does not tell' } as const;
    return { ...trial, sources: { ...trial.sources, transportBytesUp: silent, transportBytesDown: silent } };
  });
  const messages = (report: Report): number[] => breakEvensOf(report).map((pair) => pair.messages ?? Number.NaN);
  const [first = 0, second = 0] = messages(buildReport({ ...both.result, trials }));
  const [one = 0, two = 0] = messages(both);
  expect(first).toBeCloseTo(one);
  expect(second).toBeCloseTo(two);
});

test('HTTP/2 alone has its own; HTTP/1.1 alone says nothing that the choice of an interval does not', () => {
  expect(breakEvensOf(reportOf(['2'])).map(({ http }) => http)).toEqual(['2']);
  expect(breakEvensOf(reportOf(['1.1']))).toEqual([]);
  expect(breakEven(reportOf(['1.1']))).toBeUndefined();
});

test('of compressed messages, and where servers were made to fail, no law says it', () => {
  const compressed = both.result.trials.map((trial) => ({
    ...trial,
    variant: { ...trial.variant, values: { ...trial.variant.values, compression: 'gzip' } },
  }));
  expect(breakEvensOf(buildReport({ ...both.result, trials: compressed }))).toEqual([]);
});
