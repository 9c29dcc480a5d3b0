import { describe, expect, test } from 'vitest';
import type { ConversationFeed } from '../scenarios/feed/kinds/feed-schemas.ts';
import { Histogram } from '../scenarios/measures/histogram.ts';
import type { MeasuredTrial } from '../scenarios/result/result.ts';
import { renderPage } from './page.ts';
import { renderSummaryCsv } from './summary-csv.ts';
import { terminalTable } from './terminal-table.ts';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';
import { decisionOf } from './report/decision.ts';
import { buildReport } from './report/report.ts';

const feed: ConversationFeed = {
  kind: 'conversation',
  messagesPerSecond: 20,
  roomSize: 30,
  burst: 4,
  directShare: 0.1,
  typingShare: 0.5,
  visitsPerSecond: 2,
  visitSeconds: 3,
};

/** Each message is known to be said after so many milliseconds. */
function talkingTrial(ms: number, audit: Partial<MeasuredTrial['audit']> = {}): MeasuredTrial {
  const trial = websocketTrial();
  const acknowledgement = new Histogram();
  for (let message = 0; message < 400; message++) acknowledgement.record(ms * 1e6);
  const bins = trial.window.bins;
  return {
    ...trial,
    histograms: { ...trial.histograms, acknowledgement: acknowledgement.snapshot() },
    countersPerBin: { ...trial.countersPerBin, acknowledged: Array.from({ length: bins }, () => 20) },
    audit: { ...trial.audit, ...audit },
  };
}

const base = sampleResult();
const talk = (trial: MeasuredTrial) => buildReport({ ...base, trials: [trial], workload: { ...base.workload, feed } });

describe('a report of a conversation', () => {
  const report = talk(talkingTrial(7));

  test('has no laws and no table to choose by, and says why', () => {
    expect(report.measured.flatMap(({ predictions }) => predictions)).toEqual([]);
    expect(decisionOf(report)).toMatchObject({
      state: 'none',
      reason: expect.stringMatching(/^n\/a: .*channel/) as string,
    });
    const page = renderPage(report);
    expect(page).toContain('Does it agree with theory?');
    expect(page).toContain('n/a: the formulas are of a feed that goes to all clients alike');
  });

  test('says who says what to whom, and how soon that is known', () => {
    const page = renderPage(report);
    expect(page).toContain(
      'said at random by 3 clients in rooms of 30'.replace('3 clients', `${base.workload.clients} clients`),
    );
    expect(page).toContain('What do clients say, and do they know that it arrived?');
    expect(page).toContain('whether or not a server ever numbered it');
    expect(terminalTable(report.result)).toMatch(/known to be/);
    expect(terminalTable(report.result)).toContain('7.00 ms');
    expect(renderSummaryCsv(report)).toMatch(/,acknowledgement_p50,ns,70\d{5},/);
  });

  test('names what was never answered, refused or misreported', () => {
    const faulty = talk(talkingTrial(7, { unanswered: 3, refused: 2, misreported: 1 }));
    expect(terminalTable(faulty.result)).toMatch(/3 unanswered, 2 refused, 1\s+misreported/);
  });
});

test('of a feed that all listen to, nothing is said of what clients say', () => {
  const page = renderPage(buildReport(base));
  expect(page).not.toContain('do they know that it arrived');
  expect(page).toContain('Expected is published times subscribers.');
  expect(terminalTable(base)).not.toMatch(/known to be/);
});
