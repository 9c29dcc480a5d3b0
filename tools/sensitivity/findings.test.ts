import { expect, test } from 'vitest';
import { buildReport } from '../../reports/report/report.ts';
import type { Ratio } from '../../reports/report/ratios.ts';
import { sampleCampaign } from '../../reports/testing/sample-campaign.ts';
import { calledWorse, changeOf, groupOf, laterBy, notTold, stalenessFinding } from './findings.ts';

const MS = 1e6;
const ESTIMATE = {
  state: 'estimated',
  degrees: 4,
  trials: 3,
  smallest: 1.4,
  from: 'campaign',
  dependsOnSuspects: 0,
} as const;

function ratioOf(low: number, ratio: number, high: number): Ratio {
  return { ...ESTIMATE, low, ratio, high, differs: low > 1 || high < 1 };
}

test.each<[string, Ratio, boolean]>([
  ['found, with its size', ratioOf(4, 6, 7), true],
  ['found, with another size', ratioOf(7, 8, 9), false],
  ['not found', ratioOf(0.9, 6, 40), false],
  ['not compared', { state: 'unranked', reason: 'one trial each' }, false],
])('5 ms more on 1 ms: %s', (_case, ratio, isRight) => {
  expect(laterBy(5 * MS, ratio, MS).isRight).toBe(isRight);
});

test('a difference in times is told from the interval of the ratio', () => {
  expect(laterBy(5 * MS, ratioOf(4, 6, 7), MS).text).toBe(
    '×6.000, 4.000 … 7.000 times, which is 5.00 ms later (3.00 ms … 6.00 ms): found, and the interval holds 5.00 ms',
  );
});

test.each<[string, Ratio, boolean]>([
  ['not told apart', ratioOf(0.8, 1.02, 1.3), true],
  ['called a difference', ratioOf(1.01, 1.02, 1.03), false],
  ['not compared', { state: 'unranked', reason: 'one trial each' }, false],
])('2 %% more: %s', (_case, ratio, isRight) => {
  expect(notTold(ratio).isRight).toBe(isRight);
});

test('a variant that is worse is called so, and one that is the same is not', () => {
  const report = buildReport(sampleCampaign());
  const websocket = groupOf(report, 'websocket');
  const polling = groupOf(report, 'polling');
  expect(calledWorse(report, 'staleness.p50')).toContain(polling.label);
  expect(calledWorse(report, 'staleness.p50')).not.toContain(websocket.label);
  const { isRight, text } = stalenessFinding(report, { of: websocket, to: polling }, 5 * MS);
  expect(isRight).toBe(false);
  expect(text).toContain('DOES NOT HOLD 5.00 ms');
  expect(() => groupOf(report, 'nobody')).toThrow('nothing of nobody');
});

test('a campaign did not change from itself, and one that changed is seen across campaigns', () => {
  const before = buildReport(sampleCampaign());
  expect(notTold(changeOf({ before, after: before }, 'websocket', 'cpu.server').estimate).isRight).toBe(true);
  const other = sampleCampaign();
  const slower = buildReport({
    ...other,
    trials: other.trials.map((trial) =>
      trial.state === 'measured'
        ? {
            ...trial,
            countersPerBin: {
              ...trial.countersPerBin,
              deliveries: trial.countersPerBin.deliveries?.map((count) => count / 3) ?? [],
            },
          }
        : trial,
    ),
  });
  expect(notTold(changeOf({ before, after: slower }, 'websocket', 'cpu.server').estimate).text).toContain(
    'CALLED A DIFFERENCE',
  );
});
