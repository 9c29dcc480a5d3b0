import { expect, test } from 'vitest';
import { Histogram } from '../../../scenarios/measures/histogram.ts';
import type { MeasuredTrial, Result } from '../../../scenarios/result/result.ts';
import { disruptedTrial } from '../../testing/disrupted-result.ts';
import { sampleResult, websocketTrial } from '../../testing/sample-result.ts';
import { buildReport } from '../report.ts';
import { answerOf, headlineOf } from '../answer/answer.ts';

const base = sampleResult();

function headline(trials: readonly MeasuredTrial[], change: Partial<Result['workload']>): string {
  const workload = { ...base.workload, ...change };
  return headlineOf(answerOf(buildReport({ ...base, campaign: null, trials: [...trials], workload })).verdict);
}

function histogramOf(ms: number): ReturnType<Histogram['snapshot']> {
  const histogram = new Histogram();
  for (let count = 0; count < 1000; count++) histogram.record(ms * 1e6);
  return histogram.snapshot();
}

function binary(trial: MeasuredTrial): MeasuredTrial {
  return { ...trial, variant: { ...trial.variant, values: { ...trial.variant.values, frames: 'binary' } } };
}

test('of a fault: when all were back, how many at once, and who never was', () => {
  const faults = disruptedTrial([]).disruption?.episodes.map(({ fault }) => fault) ?? [];
  const backNs = Array.from({ length: 20 }, (_, index) => (1 + index / 100) * 1e9);
  const all = disruptedTrial(backNs);
  expect(headline([all, disruptedTrial(backNs.slice(0, 15), 'full')], { faults })).toMatch(
    /^Node 3 is killed \(SIGKILL\) at 2 s: all 20 clients that it dropped were back after 1\.19 s \(at most 40 a second\) with WebSocket \(reconnect guide\); 5 of 20 clients never came back with WebSocket \(reconnect full\)\./,
  );
  expect(headline([disruptedTrial([], 'guide', 0)], { faults })).toMatch(/: nobody was dropped with WebSocket/);
});

test('of a conversation: when it is heard and when it is known to be, beside who was freshest', () => {
  const feed = {
    kind: 'conversation',
    messagesPerSecond: 20,
    roomSize: 30,
    burst: 4,
    directShare: 0.1,
    typingShare: 0.5,
    visitsPerSecond: 2,
    visitSeconds: 3,
  } as const;
  const own = websocketTrial();
  const trial = { ...own, histograms: { ...own.histograms, acknowledgement: histogramOf(7) } };
  const result = { ...base, campaign: null, trials: [trial, binary(trial)], workload: { ...base.workload, feed } };
  const { verdict } = answerOf(buildReport(result));
  expect(verdict[0]).toMatch(
    /^What people said could be read after .*; who said it knew after 7\.\d+ ms with WebSocket/,
  );
  expect(verdict[1]).toContain('were not told apart in freshness');
});
