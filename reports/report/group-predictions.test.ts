import { expect, test } from 'vitest';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { predictionsOf, unexplainedOf } from './group-predictions.ts';
import { centreOf } from './groups.ts';
import { buildReport } from './report.ts';

test('what is measured of a variant is the centre that its row has', () => {
  const { groups } = buildReport(sampleCampaign());
  const websocket = groups.find(({ transport, isCopy }) => transport === 'WebSocket' && !isCopy);
  if (websocket === undefined) throw new Error('the sample has no WebSocket');
  const [median] = predictionsOf(websocket);
  expect(median?.quantity).toBe('median staleness');
  expect(median?.measured).toBeCloseTo(Number(centreOf(websocket, 'staleness.p50')), 0);
});

test('what is not explained comes with its size and its stage, the largest first, and none of the copy', () => {
  const { groups } = buildReport(sampleCampaign({ variants: 12 }));
  const unexplained = unexplainedOf(groups);
  expect(unexplained.length).toBeGreaterThan(1);
  const sizes = unexplained.map(({ share }) => Math.abs(share));
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(Math.min(...sizes)).toBeGreaterThan(0.15);
  for (const { text, group } of unexplained) {
    expect(text).toMatch(/^[+−]\d+\.\d %, (in|before|between|on) /);
    expect(group.isCopy).toBe(false);
  }
});
