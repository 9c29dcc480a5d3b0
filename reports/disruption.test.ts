import { expect, test } from 'vitest';
import { disruptedResult, disruptedTrial } from './testing/disrupted-result.ts';
import { sampleResult } from './testing/sample-result.ts';
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

test('no law and no table of choices has what was made to happen', () => {
  const page = renderPage(buildReport(result));
  expect(page).not.toContain('Does it agree with theory?');
});
