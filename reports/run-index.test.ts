import { expect, test } from 'vitest';
import type { MeasuredTrial, Result } from '../scenarios/result/result.ts';
import { COMPARED } from './figures/compared.ts';
import { entryOf } from './index/run-entry.ts';
import { buildReport } from './report/report.ts';
import { type IndexPlace, renderRunIndex } from './run-index.ts';
import { exactCampaign } from './testing/exact-campaign.ts';
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

function bestIn(result: Result): boolean[][] {
  return entryOf(buildReport(result)).transports.map(({ figures }) => figures.map(({ isBest }) => isBest));
}

test('nobody is marked as the best where the report calls nobody so', () => {
  const websocket = { like: 'websocket', medianMs: [1.3, 1.6, 1.4], wireBytes: 420, cpuUs: [14, 14.5, 15] } as const;
  const polling = { like: 'polling', medianMs: [501, 500, 502], wireBytes: 345, cpuUs: [12.5, 12.6, 12.8] } as const;
  const stolen = (trial: MeasuredTrial): MeasuredTrial => ({
    ...trial,
    countersPerBin: {
      ...trial.countersPerBin,
      stolenTime: trial.countersPerBin.stolenTime?.map(() => 0.03 * 1e9) ?? [],
    },
  });
  expect(bestIn(exactCampaign([websocket, polling]))).toEqual([
    [false, true, true],
    [true, false, false],
  ]);
  // Bytes are the same on a machine that is disturbed.
  expect(bestIn(exactCampaign([{ ...websocket, change: stolen }, polling]))).toEqual([
    [false, true, true],
    [false, false, false],
  ]);
  expect(bestIn(exactCampaign([websocket])).flat()).not.toContain(true);
});

test('a scenario in which nothing is said has the figures of its own question', () => {
  const result = sampleResult({ partial: false, campaign: null });
  const idle = { ...result.workload, feed: { kind: 'none', messagesPerSecond: 0 } as const };
  expect(entryOf(buildReport({ ...result, workload: idle })).metrics).toEqual([
    COMPARED['bytes.idle'].label,
    COMPARED['cpu.idle'].label,
    COMPARED['memory.idle'].label,
  ]);
  expect(entryOf(buildReport(result)).metrics[0]).toBe('staleness p50');
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
