import { expect, test } from 'vitest';
import { Histogram } from '../scenarios/measures/histogram.ts';
import type { MeasuredTrial, Result } from '../scenarios/result/result.ts';
import { renderPage } from './page.ts';
import { answerOf } from './report/answer/answer.ts';
import { buildReport, type Report } from './report/report.ts';
import { renderSummaryCsv } from './summary-csv.ts';
import { terminalTable } from './terminal-table.ts';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';

const base = sampleResult();
const feed = { kind: 'streams', messagesPerSecond: 20, streamMessages: 80, streamPerSecond: 40 } as const;

function histogramOf(...valuesMs: number[]) {
  const histogram = new Histogram();
  for (const ms of valuesMs) histogram.record(ms * 1e6);
  return histogram.snapshot();
}

function trialWithStreams(): MeasuredTrial {
  const trial = websocketTrial();
  const gaps = Array.from({ length: 100 }, () => 25);
  return {
    ...trial,
    histograms: {
      ...trial.histograms,
      toFirst: histogramOf(3, 3, 90),
      gap: histogramOf(...gaps, 1200),
      resumption: histogramOf(1200),
    },
    countersPerBin: { ...trial.countersPerBin, cuts: Array.from({ length: trial.window.bins }, () => 1) },
  };
}

function reportOf(change: object = {}): Report {
  const workload: Result['workload'] = { ...base.workload, feed: { ...feed, ...change } };
  return buildReport({ ...base, campaign: null, trials: [trialWithStreams()], workload });
}

test('a report of streams tells how soon they begin and how evenly they go on', () => {
  const page = renderPage(reportOf());
  expect(page).toContain('in streams of 80, each to one of');
  expect(page).toMatch(/How do the streams come\?[\s\S]*>3\.00 ms<[\s\S]*>25\.\d ms<[\s\S]*>1\.20 s</);
  expect(page).toContain('25 ms as they are due');
  expect(page).not.toContain('connection of a stream’s client is cut');
  expect(terminalTable(reportOf().result)).toMatch(/to the first[\s\S]*gap/);
  expect(renderSummaryCsv(reportOf())).toMatch(/,to_first_p50,ns,[23]\d{6},/);
});

test('where connections are cut, also how many, and how soon a stream goes on', () => {
  const page = renderPage(reportOf({ cut: { after: 20, share: 0.2 } }));
  expect(page).toContain('as soon as message 20 is there, in 20 of 100 streams');
  expect(page).toMatch(/<th scope="col" class="number">cuts<\/th>/);
  expect(page).toMatch(/data-label="resumption max">1\.20 s</);
});

test('the answer begins with how soon, how evenly, and what a cut lost', () => {
  const [first] = answerOf(reportOf({ cut: { after: 20, share: 0.2 } })).verdict;
  expect(first).toMatch(
    /^A stream begins after 3\.00 ms with WebSocket.*; of two messages that are due 25 ms apart 99 of 100 come within 25\.\d ms; where a connection is cut nothing is lost or doubled\.$/,
  );
  const { result } = reportOf({ cut: { after: 20, share: 0.2 } });
  const trials = result.trials.map((trial) =>
    trial.state === 'measured' ? { ...trial, audit: { ...trial.audit, lost: 3, duplicated: 1 } } : trial,
  );
  expect(answerOf(buildReport({ ...result, trials })).verdict[0]).toContain('3 are lost and 1 doubled');
  expect(answerOf(reportOf()).verdict[0]).not.toContain('cut');
});

test('of other feeds nothing is told of streams', () => {
  expect(renderPage(buildReport(base))).not.toContain('How do the streams come?');
});
