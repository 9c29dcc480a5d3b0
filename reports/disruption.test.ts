import { expect, test } from 'vitest';
import { disruptedResult, disruptedTrial, forgottenTrial } from './testing/disrupted-result.ts';
import { sampleResult } from './testing/sample-result.ts';
import { parseFault } from '../scenarios/faults.ts';
import { renderMarkdown } from './assertions/markdown.ts';
import { renderPage } from './page.ts';
import { buildReport } from './report/report.ts';
import { renderSummaryCsv } from './summary-csv.ts';
import { terminalTable } from './terminal-table.ts';
import { disruption } from './sections/disruption.ts';

const SECOND = 1e9;
const back = Array.from({ length: 20 }, (_, index) => SECOND + index * 0.01 * SECOND);
const result = disruptedResult([disruptedTrial(back), disruptedTrial(back.slice(0, 10), 'full')]);

test('a run without faults says nothing of it', () => {
  expect(disruption(buildReport(sampleResult()))).toBeUndefined();
});

test('a table and two curves tell who came back, and how soon', () => {
  const page = disruption(buildReport(result))?.text ?? '';
  expect(page).toContain('Node 3 is killed (SIGKILL) at 2 s, counted from the end of the warm-up.');
  expect(page).toContain('40 connections ended in all trials together, and 10 of them never came back.');
  expect(page).toContain('data-plot="comeback-1-connected"');
  expect(page).toContain('data-plot="comeback-1-caught-up"');
  expect(page).toMatch(/never/);
  expect(page).toContain('the server closed the connection: 20');
  expect(page).toMatch(/1\.30 s/);
});

test('it is a part of the page, a line in the terminal, and rows of the CSV', () => {
  expect(renderPage(buildReport(result))).toContain('id="disruption"');
  expect(terminalTable(result).replaceAll(/\s+/g, ' ')).toContain('20 dropped, all back; connected 50 % after 1.09 s');
  const csv = renderSummaryCsv(buildReport(result));
  const values = (metric: string): string[] =>
    csv
      .split('\n')
      .filter((line) => line.includes(`,${metric},`))
      .map((line) => line.split(',')[8] ?? '');
  expect(values('disruption_never_back')).toEqual(['0', '10']);
  expect(values('disruption_connected_100')).toEqual(['1190000000', 'n/a']);
  expect(values('disruption_oldest_missed')).toEqual(['1300000000', '1300000000']);
});

test('what is gone with a Redis that was killed is said in the terminal, on the page and in markdown', () => {
  const forgotten = disruptedResult([forgottenTrial(parseFault('kill-redis@2s+1s'))]);
  const window = forgotten.trials.flatMap((trial) => (trial.state === 'measured' ? [trial.window] : []))[0];
  const refused = 2 * ((window?.bins ?? 0) - (window?.firstBin ?? 0) - 3);
  const said = `Redis is killed (SIGKILL) at 2 s, and there is a new one 1 s later, and what it held is gone: the messages and who was online. The nodes refuse everything from then on: 2,531 messages lost, ${refused} commands refused, from 3 s on, 95 never answered.`;
  const report = buildReport(forgotten);
  expect(terminalTable(forgotten).replaceAll(/\s+/g, ' ')).toContain(said);
  expect(disruption(report)?.text).toContain(said);
  expect(renderMarkdown({ runs: [{ report, judgements: [] }] }).replaceAll('\\', '')).toContain(said);
  // Where nothing is gone nothing is said of it.
  expect(terminalTable(result)).not.toContain('is gone');
});

test('no law and no table of choices has what was made to happen', () => {
  const page = renderPage(buildReport(result));
  expect(page).not.toContain('Does it agree with theory?');
});
