import { expect, test } from 'vitest';
import { derivedRandom } from '../../scenarios/feed/random.ts';
import { unlikeTrials } from './siblings.ts';
import type { MetricTrials } from './spread.ts';

function trialsOf(figures: Readonly<Record<string, readonly number[]>>): MetricTrials {
  return {
    variants: Object.entries(figures).map(([id, values]) => ({
      id,
      classId: 'prompt',
      byBlock: new Map(values.map((value, index) => [index + 1, value])),
    })),
  };
}

const CALM = { copy: [1.02, 1, 0.99], sse: [2.1, 2, 2.04] };

test('a trial far from its siblings is named, with how many times they it is', () => {
  const [found, ...others] = unlikeTrials(trialsOf({ ...CALM, ws: [1, 2.2, 1] }), 'ws');
  expect(found?.block).toBe(2);
  expect(found?.factor).toBeCloseTo(2.2, 9);
  expect(others).toEqual([]);
  expect(unlikeTrials(trialsOf({ ...CALM, ws: [2, 2, 0.5] }), 'ws')[0]?.factor).toBeCloseTo(0.25, 9);
});

test('what its class does all the time is no reason', () => {
  const noisy = { copy: [1, 2.1, 1.3], sse: [2, 1, 3.5], ws: [1, 2.2, 1] };
  expect(unlikeTrials(trialsOf(noisy), 'ws')).toEqual([]);
});

test('two trials do not tell which of them is unlike, and figures that do not vary have a floor', () => {
  expect(unlikeTrials(trialsOf({ ...CALM, ws: [1, 9] }), 'ws')).toEqual([]);
  expect(unlikeTrials(trialsOf({ ws: [1, 1, 9] }), 'ws')).toEqual([]);
  const bytes = { ws: [436, 436, 436.1], copy: [436, 436, 436] };
  expect(unlikeTrials(trialsOf(bytes), 'ws')).toEqual([]);
  expect(unlikeTrials(trialsOf({ ...bytes, ws: [436, 436, 440] }), 'ws')).toHaveLength(1);
});

test('of honest trials one in a hundred is called unlike, or fewer', () => {
  let called = 0;
  const campaigns = 1000;
  for (let campaign = 0; campaign < campaigns; campaign++) {
    const random = derivedRandom(11, campaign);
    const draw = (): number =>
      Math.exp(0.1 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
    const three = (): number[] => [draw(), draw(), draw()];
    const trials = trialsOf({ ws: three(), copy: three(), sse: three(), 'long-polling': three() });
    called += trials.variants.reduce((sum, { id }) => sum + unlikeTrials(trials, id).length, 0);
  }
  expect(called / (campaigns * 12)).toBeLessThan(0.01);
  expect(called).toBeGreaterThan(0);
});
