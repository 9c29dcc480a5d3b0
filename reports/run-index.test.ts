import { expect, test } from 'vitest';
import { entryOf } from './index/run-entry.ts';
import { buildReport } from './report/report.ts';
import { type IndexPlace, renderRunIndex } from './run-index.ts';
import { sampleCampaign } from './testing/sample-campaign.ts';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';

const PLACE: IndexPlace = { command: './feedbench compare', argument: (folder) => folder, comparisons: [] };

test('every trial of a run counts and is audited, also one with fewer clients than the scenario has', () => {
  const lossy = { ...websocketTrial(), clients: 2, audit: { ...websocketTrial().audit, lost: 1 } };
  const result = sampleResult({ partial: false, trials: [websocketTrial(), lossy] });
  const page = renderRunIndex([{ state: 'readable', folder: 'a-run', entry: entryOf(buildReport(result)) }], PLACE);
  expect(page).toMatch(/<td[^>]*>2<\/td>/);
  expect(page).toMatch(/failed in 1 trial/);
});

test('a scenario has a row with what its newest run says, and two hundred runs make a page of less than 1 MB', () => {
  const entry = entryOf(buildReport(sampleCampaign({ variants: 12, trials: 1 })));
  const runs = Array.from({ length: 200 }, (_, index) => ({
    state: 'readable' as const,
    folder: `run-${index}`,
    entry: { ...entry, name: `scenario ${index % 8}`, answer: `what ${index} says` },
  }));
  const page = renderRunIndex(runs, { ...PLACE, comparisons: ['comparisons/a--b.html'] });
  expect(page.length).toBeLessThan(1_000_000);
  const matrix = page.slice(page.indexOf('Which transport?'), page.indexOf('All runs, the newest first'));
  expect(matrix.match(/what \d+ says/g)).toEqual(Array.from({ length: 8 }, (_, index) => `what ${index} says`));
  expect(page).toContain('<a href="comparisons/a--b.html">a--b</a>');
});
