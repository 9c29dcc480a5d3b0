import { expect, test } from 'vitest';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { coverageOf, leastHeld } from './calibration.ts';
import { buildReport, type Report } from './report.ts';

/** Two blocks, in which the copy uses so many times the CPU of the control. */
function campaign(factors: readonly number[]): Report {
  const trial = websocketTrial();
  const copyOf = (factor: number): typeof trial => ({
    ...trial,
    copy: true,
    processes: trial.processes.map((process) => ({
      ...process,
      cpuNsPerBin: process.cpuNsPerBin.map((ns) => factor * ns),
    })),
  });
  return buildReport(
    sampleResult({
      campaign: {
        seed: 1,
        control: 'websocket/memory/headers=browser',
        plannedBlocks: factors.length,
        blocks: factors.map((_, index) => ({ number: index + 1, plannedTrials: 2 })),
        budgetNs: null,
        target: null,
        cells: [],
        endedBy: 'trials',
      },
      trials: factors.flatMap((factor, index) => [
        { ...trial, trial: index + 1 },
        { ...copyOf(factor), trial: index + 1 },
      ]),
    }),
  );
}

test.each([
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 2],
  [10, 8],
  [20, 17],
  [100, 90],
])('of %d honest campaigns all but %d are asked for', (campaigns, asked) => {
  expect(leastHeld(campaigns)).toBe(asked);
});

test('an interval that leaves out 1 is counted, and one that could not be told is not', () => {
  const reports = [campaign([1, 1.1, 0.9]), campaign([1.5, 1.51, 1.5]), campaign([1, 1, 1]), campaign([1.02])];
  expect(coverageOf(reports)).toEqual([
    { metric: 'staleness.p50', held: 3, told: 3, asked: 2 },
    { metric: 'staleness.p99', held: 3, told: 3, asked: 2 },
    { metric: 'cpu.server', held: 2, told: 3, asked: 2 },
    { metric: 'bytes.wire', held: 4, told: 4, asked: 4 },
  ]);
  expect(coverageOf([buildReport(sampleResult())]).map(({ told }) => told)).toEqual([0, 0, 0, 0]);
});
