import { expect, test } from 'vitest';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { buildReport } from '../report/report.ts';
import { longPollingTrial, pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { summary } from './summary.ts';

/** The paragraphs of the lead: what was compared, and what came out. */
function lead(...trials: readonly MeasuredTrial[]): string[] {
  const { text } = summary(
    buildReport(sampleResult({ partial: false, plannedTrials: trials.length, trials: [...trials] })),
  ) ?? { text: '' };
  return [...text.matchAll(/<p>([^<]*)<\/p>/g)].map(([, paragraph = '']) => paragraph);
}

/** The order in which a clause of the outcome names transports. */
function ranking(outcome: string, opening: string): string[] {
  const clause = outcome.split('; ').find((part) => part.includes(opening)) ?? '';
  return [...clause.matchAll(/with ([\w -]+?)(?=,| and |\.|$)/g)].map(([, name = '']) => name);
}

test.each([
  ['as they come', [pollingTrial(), longPollingTrial(), websocketTrial()]],
  ['the other way round', [websocketTrial(), longPollingTrial(), pollingTrial()]],
])('each quantity ranks the transports from the least: %s', (_, trials) => {
  const [, outcome = ''] = lead(...trials);
  expect(ranking(outcome, 'the median staleness was')).toEqual(['WebSocket', 'HTTP long-polling', 'HTTP polling']);
  expect(ranking(outcome, 'a message cost')).toEqual(['HTTP polling', 'WebSocket', 'HTTP long-polling']);
  expect(ranking(outcome, 'and it took')).toEqual(['HTTP polling', 'WebSocket', 'HTTP long-polling']);
});

test('what was compared is told as it was', () => {
  expect(lead(websocketTrial(), pollingTrial())[0]).toBe(
    'HTTP polling and WebSocket carried the same feed, 20 messages a second of 200 B, sent steadily, to 50 clients, on one node (memory); clients that poll did so every 2 s.',
  );
});

test('the unit stands with the first of the values', () => {
  const [, outcome] = lead(websocketTrial());
  expect(outcome).toMatch(
    /^On one node \(memory\), the median staleness was [\d.]+ µs|ms with WebSocket; a message cost 436 B on the wire with WebSocket; and it took 20.0 µs of server CPU with WebSocket\.$/,
  );
});

test('figures that are doubtful are not quoted without the doubt', () => {
  const faulty = { ...websocketTrial(), audit: { ...websocketTrial().audit, lost: 1 } };
  const busy = websocketTrial().processes.map((process) =>
    process.role === 'worker' ? { ...process, cpuNsPerBin: process.cpuNsPerBin.map(() => 0.99e9) } : process,
  );
  expect(lead(faulty)[1]).toMatch(/; but WebSocket failed the audit\.$/);
  expect(lead({ ...websocketTrial(), processes: busy })[1]).toMatch(/; the figures of WebSocket are suspect\.$/);
  expect(lead(websocketTrial())[1]).not.toMatch(/suspect|failed/);
});

test('of a run that measured nothing that is said', () => {
  expect(lead()[1]).toBe('Nothing could be measured.');
});
