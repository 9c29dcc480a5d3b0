import { expect, test } from 'vitest';
import { noiseEntries } from '../../scenarios/result/noise-history.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { noiseOf } from './campaign-noise.ts';
import { buildReport } from './report.ts';

const MACHINE = { cpu: 'a made-up one', cores: 2, system: 'Linux 6.1', node: 'v24.0.0' };

/** Three blocks, in which the control uses 1.0, 1.1 and 1.3 times the CPU that it usually does, and its copy always the same. */
function campaign(change: Partial<NonNullable<Result['campaign']>> = {}): Result {
  const blocks = [1, 1.1, 1.3].map((factor, index) => ({ factor, number: index + 1 }));
  return sampleResult({
    partial: false,
    environment: MACHINE,
    campaign: {
      seed: 7,
      control: 'websocket/memory/headers=browser',
      plannedBlocks: 3,
      blocks: blocks.map(({ number }) => ({ number, plannedTrials: 3 })),
      budgetNs: null,
      target: null,
      cells: [],
      endedBy: 'trials',
      ...change,
    },
    trials: blocks.flatMap(({ factor, number }) => [
      { ...pollingTrial(), trial: number },
      { ...busier(factor), trial: number },
      { ...websocketTrial(), trial: number, copy: true },
    ]),
  });
}

function busier(factor: number): ReturnType<typeof websocketTrial> {
  const trial = websocketTrial();
  const processes = trial.processes.map((process) => ({
    ...process,
    cpuNsPerBin: process.cpuNsPerBin.map((ns) => factor * ns),
  }));
  return { ...trial, processes };
}

test('a campaign tells how much trials of a class differ, by each figure', () => {
  const noise = noiseOf(buildReport(campaign()));
  if (noise === undefined) throw new Error('no noise');
  expect(noise).toMatchObject({ machine: MACHINE, windowNs: 20e9, at: '2026-05-17T14:23:01.000Z' });
  const cpu = noise.spreads.filter(({ metric }) => metric === 'cpu.server');
  expect(cpu.map(({ classId, degrees }) => [classId, degrees])).toEqual([
    ['interval', 2],
    ['prompt', 2],
  ]);
  expect(cpu[0]?.variance).toBeCloseTo(0, 12);
  // Of two variants a residual is half of what they differ by, and f is 2: s² = Σ (difference − its mean)² ÷ 4.
  const logs = [1, 1.1, 1.3].map(Math.log);
  const centre = logs.reduce((sum, y) => sum + y, 0) / 3;
  const squares = logs.reduce((sum, y) => sum + (y - centre) ** 2, 0);
  expect(cpu[1]?.variance).toBeCloseTo(squares / 4, 12);
  const levels = noise.levels.filter(({ metric }) => metric === 'cpu.server');
  expect(new Set(levels.map(({ setting }) => setting)).size).toBe(3);
  expect(Math.max(...levels.map(({ meanVariance }) => meanVariance))).toBeCloseTo(squares / 2 / 3, 12);
  expect(noiseEntries([noise], MACHINE).map(({ metric }) => metric)).toContain('staleness.p99');
});

test('a campaign that was cut short, has no control or does not say where it was measured adds nothing', () => {
  expect(noiseOf(buildReport(campaign({ endedBy: 'stopped' })))).toBeUndefined();
  const whole = campaign();
  expect(noiseOf(buildReport({ ...whole, environment: {} }))).toBeUndefined();
  const alone = whole.trials.filter(({ copy }) => !copy);
  expect(noiseOf(buildReport({ ...whole, trials: alone }))).toBeUndefined();
  expect(noiseOf(buildReport(sampleResult({ environment: MACHINE })))).toBeUndefined();
});
