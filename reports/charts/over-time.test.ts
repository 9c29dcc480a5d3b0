import { expect, test } from 'vitest';
import { formatDuration } from '../../scenarios/units.ts';
import { centreOf } from '../report/groups.ts';
import { buildReport } from '../report/report.ts';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { holdText, panelsOf } from './over-time.ts';
import { drawnGroups } from './subject.ts';

const groups = drawnGroups(buildReport(sampleCampaign()));
const panels = panelsOf(groups);

test('a panel a variant, all on one scale, each against its own median', () => {
  expect(panels.map(({ group }) => group.key)).toEqual(groups.map(({ key }) => key));
  expect(new Set(panels.map(({ staleness }) => JSON.stringify(staleness.y))).size).toBe(1);
  expect(new Set(panels.map(({ cpu }) => JSON.stringify(cpu?.y))).size).toBe(1);
  expect(panels.map(({ medianNs }) => medianNs)).toEqual(groups.map((group) => centreOf(group, 'staleness.p50')));
});

test('what is read off is the staleness, not the multiple, and the centre lies in the range of the trials', () => {
  for (const { medianNs, staleness } of panels) {
    expect(staleness.texts.value(2)).toBe(formatDuration(2 * medianNs));
    const [line] = staleness.lines;
    for (const [index, value] of (line?.values ?? []).entries()) {
      const [low, high] = line?.ranges?.[index] ?? [];
      expect(value).toBeGreaterThanOrEqual((low ?? Number.NaN) * (1 - 1e-9));
      expect(value).toBeLessThanOrEqual((high ?? Number.NaN) * (1 + 1e-9));
    }
  }
});

test('a long run is thinned to what can be seen, over the same time', () => {
  const trial = websocketTrial();
  const bins = 1000;
  const perBin = Array.from({ length: bins }, () => ({ count: 1, meanNs: 1e6, p50Ns: 1e6, p99Ns: 1e6, maxNs: 1e6 }));
  const long = {
    ...trial,
    window: { ...trial.window, bins, endBin: bins },
    histogramsPerBin: { staleness: perBin },
  };
  const [panel] = panelsOf(drawnGroups(buildReport(sampleResult({ trials: [long] }))));
  expect(panel?.staleness.at.length).toBeLessThanOrEqual(60);
  expect(panel?.staleness.at.at(-1)).toBe(1000);
  expect(new Set(panel?.staleness.lines[0]?.values).size).toBe(1);
});

test('that a variant did not hold is said, with how far it rose and when', () => {
  const trial = websocketTrial();
  const median = 1e6;
  const perBin = (trial.histogramsPerBin.staleness ?? []).map((bin, index) =>
    bin === null ? null : { ...bin, p50Ns: index === 10 ? 9 * median : median },
  );
  const steady = panelsOf(drawnGroups(buildReport(sampleResult({ trials: [trial] }))));
  expect(holdText(steady)).toContain('every variant stayed below twice its own');
  const risen = { ...trial, histogramsPerBin: { staleness: perBin } };
  const text = holdText(panelsOf(drawnGroups(buildReport(sampleResult({ trials: [risen] })))));
  expect(text).toContain('WebSocket, memory rose to 9.00 ms');
  expect(text).toContain('by second 11');
});
