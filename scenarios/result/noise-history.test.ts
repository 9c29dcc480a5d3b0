import { expect, test } from 'vitest';
import { type CampaignNoise, machineOf, noiseEntries, noiseHistorySchema, withCampaigns } from './noise-history.ts';

const MACHINE = { cpu: 'a made-up one', cores: 2, system: 'Linux 6.1', node: 'v24.0.0' };
const OTHER = { ...MACHINE, system: 'Linux 6.2' };

/** The `day`-th campaign. */
function campaign(day: number, change: Partial<CampaignNoise> = {}): CampaignNoise {
  return {
    at: new Date(Date.UTC(2026, 4, day)).toISOString(),
    machine: MACHINE,
    windowNs: 6e9,
    spreads: [{ classId: 'prompt', metric: 'staleness.p50', variance: 0.01, degrees: 2 }],
    levels: [],
    ...change,
  };
}

test('variances are pooled by their degrees of freedom, of which no more than 20 count', () => {
  const calm = campaign(1);
  const [spread] = calm.spreads;
  if (spread === undefined) throw new Error('no spread');
  const wild = campaign(2, { spreads: [{ ...spread, variance: 0.04, degrees: 6 }] });
  expect(noiseEntries([calm, wild], MACHINE)).toEqual([
    {
      classId: 'prompt',
      metric: 'staleness.p50',
      windowNs: 6e9,
      sd: Math.sqrt((2 * 0.01 + 6 * 0.04) / 8),
      degrees: 8,
      betweenSessionsSd: null,
      measuredAt: '2026-05-02T00:00:00.000Z',
    },
  ]);
  const many = Array.from({ length: 15 }, (_, index) => campaign(index + 1));
  expect(noiseEntries(many, MACHINE)[0]?.degrees).toBe(20);
});

test('classes, figures, windows and machines are kept apart', () => {
  const [spread] = campaign(1).spreads;
  if (spread === undefined) throw new Error('no spread');
  const spreads = [spread, { ...spread, classId: 'interval' as const }, { ...spread, metric: 'bytes.wire' }];
  const all = [campaign(1, { spreads }), campaign(2, { windowNs: 12e9 }), campaign(3, { machine: OTHER })];
  expect(noiseEntries(all, MACHINE).map(({ classId, metric, windowNs }) => [classId, metric, windowNs])).toEqual([
    ['prompt', 'staleness.p50', 6e9],
    ['interval', 'staleness.p50', 6e9],
    ['prompt', 'bytes.wire', 6e9],
    ['prompt', 'staleness.p50', 12e9],
  ]);
  expect(noiseEntries(all, OTHER)).toHaveLength(1);
  expect(noiseEntries(all, { ...MACHINE, node: 'v26.0.0' })).toEqual([]);
});

test('the newest twenty campaigns of a machine and window stay', () => {
  let kept: CampaignNoise[] = [campaign(1, { machine: OTHER }), campaign(1, { windowNs: 12e9 })];
  for (let day = 1; day <= 25; day++) kept = withCampaigns(kept, [campaign(day)]);
  expect(kept.filter(({ machine, windowNs }) => machine === OTHER || windowNs === 12e9)).toHaveLength(2);
  const own = kept.filter(({ machine, windowNs }) => machine === MACHINE && windowNs === 6e9);
  expect(own.map(({ at }) => new Date(at).getUTCDate())).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
});

test('what campaigns differ by on top of their trials is told by five of one setting', () => {
  const means = [0, 0.1, 0.2, 0.3, 0.4];
  const level = { classId: 'prompt' as const, metric: 'staleness.p50', setting: 'ticker', meanVariance: 0.005 };
  const campaigns = means.map((mean, index) => campaign(index + 1, { levels: [{ ...level, mean }] }));
  // Variance of the means 0.025, of which 0.005 is chance.
  expect(noiseEntries(campaigns, MACHINE)[0]?.betweenSessionsSd).toBeCloseTo(Math.sqrt(0.02), 9);
  expect(noiseEntries(campaigns.slice(1), MACHINE)[0]?.betweenSessionsSd).toBeNull();
  const steady = campaigns.map((one) => ({ ...one, levels: [{ ...level, mean: 1 }] }));
  expect(noiseEntries(steady, MACHINE)[0]?.betweenSessionsSd).toBe(0);
  const others = campaigns.map((one, index) => ({ ...one, levels: [{ ...level, setting: `${index}`, mean: index }] }));
  expect(noiseEntries(others, MACHINE)[0]?.betweenSessionsSd).toBeNull();
});

test('a result says where it was measured, and one that does not has no machine', () => {
  expect(machineOf({ environment: { ...MACHINE, memoryBytes: 1, commit: null } })).toEqual(MACHINE);
  expect(machineOf({ environment: { cpu: 'a made-up one' } })).toBeUndefined();
});

test('the file is strict', () => {
  const file = { schema: 'feedbench.noise/1', campaigns: [campaign(1)] };
  expect(noiseHistorySchema.safeParse(file).success).toBe(true);
  expect(noiseHistorySchema.safeParse({ ...file, more: 1 }).success).toBe(false);
  const negative = { ...file, campaigns: [campaign(1, { windowNs: -1 })] };
  expect(noiseHistorySchema.safeParse(negative).success).toBe(false);
});
