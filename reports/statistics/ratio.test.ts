import { type Arbitrary, array, assert, double, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { halfWidth, ratioAcross, type RatioEstimate, ratioOf, type RatioOptions, smallestRatio } from './ratio.ts';
import { type MetricTrials, pooledSd } from './spread.ts';

type Figures = Readonly<Record<string, readonly (number | undefined)[]>>;

/** Figures by block, from 1 on; undefined where the variant misses one. */
function trialsOf(figures: Figures): MetricTrials {
  return {
    variants: Object.entries(figures).map(([id, perBlock]) => ({
      id,
      classId: id.startsWith('polling') ? 'interval' : 'prompt',
      byBlock: new Map(perBlock.flatMap((figure, index) => (figure === undefined ? [] : [[index + 1, figure]]))),
    })),
  };
}

type Estimated = Extract<RatioEstimate, { state: 'estimated' }>;

function estimated(estimate: RatioEstimate): Estimated {
  if (estimate.state === 'unranked') throw new Error(estimate.reason);
  return estimate;
}

function ratio(figures: Figures, of: string, options: RatioOptions & { to?: string } = {}): Estimated {
  return estimated(ratioOf(trialsOf(figures), { of, to: options.to ?? 'ws' }, options));
}

/** p50 in ms, of three blocks. */
const THREE = {
  ws: [1.36, 1.66, 1.27],
  copy: [1.58, 1.67, 1.42],
  'long-polling': [3.07, 2.49, 2.24],
  polling: [501.5, 500.4, 502.0],
};

test('golden: a variant and its copy', () => {
  const { ratio: r, low, high, degrees, smallest, trials, differs, from } = ratio(THREE, 'ws', { to: 'copy' });
  expect([r, low, high].map((value) => value.toFixed(4))).toEqual(['0.9147', '0.7306', '1.1451']);
  expect(smallest.toFixed(4)).toBe('1.3509');
  expect({ degrees, trials, differs, from }).toEqual({ degrees: 4, trials: 3, differs: false, from: 'campaign' });
});

test('golden: two of one class, alone and as one of three ratios', () => {
  const alone = ratio(THREE, 'long-polling');
  expect([alone.ratio, alone.low, alone.high].map((value) => value.toFixed(4))).toEqual(['1.8143', '1.4026', '2.3468']);
  const together = ratio(THREE, 'long-polling', { comparisons: 3 });
  expect([together.low, together.high].map((value) => value.toFixed(4))).toEqual(['1.2568', '2.6191']);
  expect(alone.differs && together.differs).toBe(true);
});

test('golden: two classes', () => {
  const { ratio: r, low, high, degrees } = ratio(THREE, 'polling');
  expect([r, low, high].map((value) => value.toFixed(2))).toEqual(['352.87', '291.97', '426.47']);
  expect(degrees.toFixed(3)).toBe('6.002');
});

test('golden: one trial each, by history', () => {
  const first = { ws: [1.36], copy: [1.58], 'long-polling': [3.07], polling: [501.5] };
  const history = { prompt: { sd: 0.11, degrees: 20 } };
  const { ratio: r, low, high, degrees, from } = ratio(first, 'long-polling', { history });
  expect([r, low, high].map((value) => value.toFixed(4))).toEqual(['2.2574', '1.6318', '3.1227']);
  expect({ degrees, from }).toEqual({ degrees: 20, from: 'history' });
  const longer = ratio(first, 'long-polling', { history: { prompt: { sd: 0.11, degrees: 200 } } });
  expect(longer.degrees).toBe(20);
});

/** By a program of its own, with 30 digits; blocks 2 and 4 are missed by one variant each. */
const UNEQUAL = {
  ws: [1.36, 1.66, 1.27, 1.44],
  copy: [1.58, 1.67, 1.42, 1.51],
  'long-polling': [3.07, undefined, 2.24, 2.8],
  polling: [501.5, 500.4, 502.0, undefined],
};

test.each([
  { of: 'ws', to: 'copy', trials: 4, expected: [0.9242587908, 0.813504205, 1.050092067, 4, 1.18637188] },
  { of: 'long-polling', to: 'ws', trials: 3, expected: [1.978243593, 1.672998312, 2.339182106, 4, 1.251559696] },
  {
    of: 'polling',
    to: 'long-polling',
    trials: 2,
    expected: [191.33487207, 154.21458603, 237.390212, 5.0018938953, 1.3402268673],
  },
  {
    of: 'polling',
    to: 'ws',
    trials: 3,
    expected: [352.86919448, 309.36613668, 402.48965109, 6.003689479, 1.197549234],
  },
])('golden: $of to $to where blocks are missed', ({ of, to, trials, expected }) => {
  const found = ratio(UNEQUAL, of, { to });
  expect(found.trials).toBe(trials);
  const seen = [found.ratio, found.low, found.high, found.degrees, found.smallest];
  for (const [index, value] of seen.entries()) expect(value / (expected[index] ?? 0)).toBeCloseTo(1, 8);
});

const TWO = { ws: [1.36, 1.66], copy: [1.58, 1.67], polling: [501.5, 500.4] };
const PAST = { prompt: { sd: 0.11, degrees: 20 }, interval: { sd: 0.0024, degrees: 20 } };

test.each([
  { of: 'ws', to: 'copy', history: PAST, expected: [0.7365566418, 1.161628579, 10] },
  { of: 'ws', to: 'copy', history: {}, expected: [0.3706854926, 2.308170302, 1] },
  { of: 'polling', to: 'ws', history: PAST, expected: [269.7205304, 412.1233648, 5.003648941] },
  // A calm past takes nothing from what was seen.
  { of: 'ws', to: 'copy', history: { prompt: { sd: 0.01, degrees: 20 } }, expected: [0.7879460218, 1.085867841, 10] },
])('golden: $of to $to in two blocks, with a history of $history', ({ of, to, history, expected }) => {
  const found = ratio(TWO, of, { to, history });
  const seen = [found.low, found.high, found.degrees];
  for (const [index, value] of seen.entries()) expect(value / (expected[index] ?? 0)).toBeCloseTo(1, 8);
  expect(found.from).toBe(Object.keys(history).length === 0 ? 'campaign' : 'history');
});

test('with three degrees of its own a campaign needs no history', () => {
  const two = { ...TWO, sse: [1.4, 1.5], 'long-polling': [3.07, 2.49] };
  expect(ratio(two, 'ws', { to: 'copy', history: PAST })).toEqual(ratio(two, 'ws', { to: 'copy' }));
});

test('what a campaign can find, as a factor: half of the width, and the smallest ratio', () => {
  const table = (sd: number, degreesOfOne: number): string[] =>
    [2, 3, 5, 8].map((blocks) => {
      const spread = { sd, degrees: degreesOfOne * (blocks - 1) };
      return `${halfWidth(spread, blocks).toFixed(2)}/${smallestRatio(spread, blocks).toFixed(2)}`;
    });
  expect(table(0.32, 3)).toEqual(['2.77/3.79', '1.90/2.40', '1.55/1.85', '1.39/1.60']);
  expect(table(0.12, 3)).toEqual(['1.47/1.65', '1.27/1.39', '1.18/1.26', '1.13/1.19']);
  expect(halfWidth({ sd: 0.105, degrees: 20 }, 1).toFixed(2)).toBe('1.36');
  expect(smallestRatio({ sd: 0.105, degrees: 20 }, 1).toFixed(2)).toBe('1.55');
});

test('below 0.2 % nothing is a difference, however alike trials are', () => {
  const alike = { ws: [436, 436, 436], copy: [436.13, 436.13, 436.13], sse: [437.2, 437.2, 437.2] };
  const close = ratio(alike, 'copy');
  expect(close.differs).toBe(false);
  expect(close.high).toBeCloseTo(close.ratio * Math.exp(0.002), 12);
  expect(ratio(alike, 'sse').differs).toBe(true);
  expect(ratio(alike, 'sse', { floor: 0.005 }).differs).toBe(false);
});

test('one trial each: steady figures are compared, others by history alone', () => {
  const single = { ws: [436], polling: [345] };
  expect(ratioOf(trialsOf(single), { of: 'polling', to: 'ws' })).toEqual({
    state: 'unranked',
    reason: 'one trial each: only bytes can be compared',
  });
  const steady = ratio(single, 'polling', { isSteady: true });
  expect(steady.differs).toBe(true);
  expect(steady.low / (345 / 436)).toBeCloseTo(Math.exp(-0.002), 12);
  expect(steady.high / (345 / 436)).toBeCloseTo(Math.exp(0.002), 12);
});

test('a variant that misses most blocks does not take the others theirs', () => {
  const figures = { ...THREE, sse: [1.4, undefined, undefined] };
  const { degrees, trials } = ratio(figures, 'ws', { to: 'copy' });
  expect({ degrees, trials }).toEqual({ degrees: 4, trials: 3 });
  expect(ratioOf(trialsOf({ ...figures, never: [] }), { of: 'never', to: 'ws' })).toEqual({
    state: 'unranked',
    reason: 'no block has both of them whole',
  });
  expect(() => ratioOf(trialsOf(figures), { of: 'quic', to: 'ws' })).toThrow(/quic/);
});

const log = double({ min: -1, max: 1, noNaN: true });

function row(blocks: number): Arbitrary<number[]> {
  return array(log, { minLength: blocks, maxLength: blocks });
}

/** ln of figures by variant and block, and what each block adds to all of them. */
const campaign = integer({ min: 2, max: 5 }).chain((blocks) =>
  record({ logs: array(row(blocks), { minLength: 2, maxLength: 5 }), shared: row(blocks) }),
);

function variantsOf(logs: readonly (readonly number[])[]): Figures {
  return Object.fromEntries(logs.map((ys, index) => [`v${index}`, ys.map(Math.exp)]));
}

test('what a block adds to all of its trials changes nothing within a class', () => {
  assert(
    property(campaign, ({ logs, shared }) => {
      const with0 = ratio(variantsOf(logs), 'v0', { to: 'v1' });
      const shifted = logs.map((ys) => ys.map((y, block) => y + (shared[block] ?? 0)));
      const with1 = ratio(variantsOf(shifted), 'v0', { to: 'v1' });
      expect(with1.ratio / with0.ratio).toBeCloseTo(1, 9);
      expect(with1.low / with0.low).toBeCloseTo(1, 6);
    }),
  );
});

test('turned round, a ratio and its interval are their reciprocals', () => {
  assert(
    property(campaign, ({ logs }) => {
      const there = ratio(variantsOf(logs), 'v0', { to: 'v1' });
      const back = ratio(variantsOf(logs), 'v1', { to: 'v0' });
      expect(there.ratio * back.ratio).toBeCloseTo(1, 9);
      expect(there.low * back.high).toBeCloseTo(1, 9);
      expect(there.smallest / back.smallest).toBeCloseTo(1, 9);
    }),
  );
});

test('how much better a variant is tells nothing of how long to go on', () => {
  assert(
    property(campaign, log, ({ logs }, better) => {
      const spread = (rows: typeof logs): number => pooledSd(trialsOf(variantsOf(rows)), 'prompt')?.sd ?? Number.NaN;
      const moved = logs.map((ys, index) => (index === 0 ? ys.map((y) => y + 3 * better) : ys));
      expect(Math.abs(spread(moved) - spread(logs))).toBeLessThan(1e-9);
    }),
  );
});

test('of separate campaigns nothing is taken off for blocks, and sessions differ besides', () => {
  const one = { trials: trialsOf(THREE), id: 'ws' };
  const self = estimated(ratioAcross(one, one, { betweenSessionsSd: 0.08 }));
  expect(self.ratio).toBe(1);
  expect(self.differs).toBe(false);
  expect(self.degrees).toBe(7);
  const shifted = { trials: trialsOf({ ...THREE, ws: THREE.ws.map((value) => 1.5 * value) }), id: 'ws' };
  const far = estimated(ratioAcross(shifted, one, { betweenSessionsSd: 0 }));
  const farther = estimated(ratioAcross(shifted, one, { betweenSessionsSd: 0.15 }));
  expect(far.ratio).toBeCloseTo(1.5, 12);
  expect(farther.high).toBeGreaterThan(far.high);
});

test('separate campaigns of one trial each need the history of both', () => {
  const single = { trials: trialsOf({ ws: [1.36] }), id: 'ws' };
  const known = { ...single, history: { prompt: { sd: 0.1, degrees: 6 } } };
  expect(ratioAcross(known, single, { betweenSessionsSd: 0.08 }).state).toBe('unranked');
  expect(estimated(ratioAcross(known, known, { betweenSessionsSd: 0.08 })).degrees).toBe(7);
  expect(ratioAcross(single, single, { betweenSessionsSd: 0, isSteady: true }).state).toBe('estimated');
});

test('separate campaigns whose trials do not vary still differ by when they were made', () => {
  const even = { trials: trialsOf({ ws: [80, 80, 80], sse: [80, 80, 80] }), id: 'ws' };
  const { degrees, low, high } = estimated(ratioAcross(even, even, { betweenSessionsSd: 0.08 }));
  expect(degrees).toBe(7);
  expect([low, high].map((value) => value.toFixed(3))).toEqual(['0.765', '1.307']);
});
