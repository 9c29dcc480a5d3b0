import { expect, test } from 'vitest';
import { derivedRandom, type Random } from '../../scenarios/feed/random.ts';
import { halfWidth, ratioAcross, type RatioEstimate, ratioOf, smallestRatio } from './ratio.ts';
import { type MetricTrials, pooledSd, type Spread, type VariantTrials } from './spread.ts';

/**
 * Whether an interval of 95 % holds the truth in 95 of 100 campaigns, in made-up campaigns of which the truth is known. Each
 * case has a stream of its own for each campaign; the shares were settled by larger simulations.
 */
const SEED = 20261125;
const CAMPAIGNS = 2000;
/** Points of per cent: what 2,000 campaigns may miss by chance. */
const TOLERANCE = 2;

/** In per cent, how often something is so in the campaigns of a case. */
function shareOf(testCase: number, isSo: (normal: Normal, random: Random) => boolean): number {
  let count = 0;
  for (let campaign = 0; campaign < CAMPAIGNS; campaign++) {
    const random = derivedRandom(SEED + testCase, campaign);
    if (isSo(normalOf(random), random)) count++;
  }
  return (100 * count) / CAMPAIGNS;
}

type Normal = () => number;

/** G. E. P. Box and M. E. Muller 1958; both numbers of a pair are used. */
function normalOf(random: Random): Normal {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

interface Made {
  readonly id: string;
  readonly classId?: string;
  /** ln of the figure in each block. */
  readonly log: () => number;
}

function campaignOf(blocks: number, variants: readonly Made[]): MetricTrials {
  const made = variants.map(({ id, classId = 'prompt' }) => ({ id, classId, byBlock: new Map<number, number>() }));
  for (let block = 1; block <= blocks; block++) {
    for (const [index, { log }] of variants.entries()) made[index]?.byBlock.set(block, Math.exp(log()));
  }
  return { variants: made satisfies VariantTrials[] };
}

/** `push 1`, `push 2`, …, all alike. */
function alike(count: number, log: () => number): Made[] {
  return Array.from({ length: count }, (_, index) => ({ id: `push ${index + 1}`, log }));
}

const PAIR = { of: 'push 1', to: 'push 2' };
const CROSS = { of: 'polling 1', to: 'push 1' };

function holds(estimate: RatioEstimate, truth = 1): boolean {
  if (estimate.state === 'unranked') throw new Error(estimate.reason);
  return estimate.low <= truth && truth <= estimate.high;
}

function expectShare(share: number, expected: number): void {
  expect(Math.abs(share - expected), `${share} % instead of ${expected} %`).toBeLessThanOrEqual(TOLERANCE);
}

test.each([
  [2, 95.0],
  [3, 94.5],
  [5, 94.7],
  [8, 94.9],
])('of four alike, %d blocks hold the truth in %d %%', (blocks, expected) => {
  const share = shareOf(1, (normal) =>
    holds(
      ratioOf(
        campaignOf(
          blocks,
          alike(4, () => 0.11 * normal()),
        ),
        PAIR,
      ),
    ),
  );
  expectShare(share, expected);
});

test.each([
  [2, 95.8],
  [3, 96.0],
  [5, 96.2],
  [8, 96.2],
])('where one trial in twenty goes wrong, %d blocks hold it in %d %%', (blocks, expected) => {
  const share = shareOf(2, (normal, random) => {
    const log = (): number => 0.27 * normal() + (random() < 0.05 ? (0.5 + random()) * Math.log(5) : 0);
    return holds(ratioOf(campaignOf(blocks, alike(4, log)), PAIR));
  });
  expectShare(share, expected);
});

test.each([
  [2, 90.7],
  [3, 89.6],
  [5, 90.4],
  [8, 91.1],
])('where the pair is twice as noisy as its class, %d blocks hold it in %d %%', (blocks, expected) => {
  const share = shareOf(3, (normal) => {
    const variants = alike(4, () => 0.11 * normal()).map((variant, index) =>
      index < 2 ? { ...variant, log: () => 0.22 * normal() } : variant,
    );
    return holds(ratioOf(campaignOf(blocks, variants), PAIR));
  });
  expectShare(share, expected);
});

/** Two that poll, four that push. */
function twoClasses(blocks: number, polling: () => number, push: () => number): MetricTrials {
  const polls = [1, 2].map((index) => ({ id: `polling ${index}`, classId: 'interval', log: polling }));
  return campaignOf(blocks, [...polls, ...alike(4, push)]);
}

test.each([
  [2, 94.9],
  [3, 95.4],
  [5, 95.5],
  [8, 95.3],
])('a steady class against one that is not, %d blocks: %d %%', (blocks, expected) => {
  const share = shareOf(4, (normal) => {
    const trials = twoClasses(
      blocks,
      () => 0.0023 * normal(),
      () => 0.11 * normal(),
    );
    return holds(ratioOf(trials, CROSS));
  });
  expectShare(share, expected);
});

/** One that polls, and six that push: of a spread of its own alone little is known, and less is said than of two. */
test.each([
  [2, 90.0],
  [3, 92.9],
  [5, 94.3],
])('a variant alone in its noisy class, %d blocks: %d %%', (blocks, expected) => {
  const share = shareOf(5, (normal) => {
    const alone = { id: 'polling 1', classId: 'interval', log: () => 0.32 * normal() };
    const trials = campaignOf(blocks, [alone, ...alike(6, () => 0.12 * normal())]);
    return holds(ratioOf(trials, CROSS));
  });
  expectShare(share, expected);
});

test.each([
  [2, 93.5],
  [3, 94.2],
  [5, 94.5],
  [8, 95.1],
])('a noisy class against one that is less so, %d blocks: %d %%', (blocks, expected) => {
  const share = shareOf(5, (normal) => {
    const trials = twoClasses(
      blocks,
      () => 0.35 * normal(),
      () => 0.13 * normal(),
    );
    return holds(ratioOf(trials, CROSS));
  });
  expectShare(share, expected);
});

/** As it comes out where the true one is `sd`: its square times χ² with that many degrees, divided by them. */
function estimatedSpread(sd: number, degrees: number, normal: Normal): Spread {
  const chiSquare = Array.from({ length: degrees }, () => normal() ** 2).reduce((sum, square) => sum + square, 0);
  return { sd: sd * Math.sqrt(chiSquare / degrees), degrees };
}

test.each([
  [6, 94.6],
  [12, 95.2],
  [20, 95.1],
])('one trial each by a history of %d degrees: %d %%', (degrees, expected) => {
  const share = shareOf(6, (normal) => {
    const history = { prompt: estimatedSpread(0.11, degrees, normal) };
    return holds(
      ratioOf(
        campaignOf(
          1,
          alike(4, () => 0.11 * normal()),
        ),
        PAIR,
        { history },
      ),
    );
  });
  expectShare(share, expected);
});

test('blocks may end when the class is narrow enough', () => {
  const share = shareOf(7, (normal) => {
    const all = campaignOf(
      10,
      alike(6, () => 0.12 * normal()),
    );
    for (let blocks = 3; blocks < 10; blocks++) {
      const trials = firstBlocks(all, blocks);
      const spread = pooledSd(trials, 'prompt');
      if (spread !== undefined && halfWidth(spread, blocks) <= 1.2) return holds(ratioOf(trials, PAIR));
    }
    return holds(ratioOf(all, PAIR));
  });
  expectShare(share, 93.6);
});

function firstBlocks({ variants }: MetricTrials, blocks: number): MetricTrials {
  return {
    variants: variants.map((variant) => ({
      ...variant,
      byBlock: new Map([...variant.byBlock].filter(([block]) => block <= blocks)),
    })),
  };
}

test.each([
  [2, 2.9],
  [3, 3.8],
  [5, 3.5],
])('five equal ones and a copy, %d blocks: one is called worse than the best seen in %d %%', (blocks, expected) => {
  const comparisons = (5 * 4) / 2;
  const share = shareOf(8, (normal) => {
    const trials = campaignOf(
      blocks,
      alike(6, () => 0.11 * normal()),
    );
    const ranked = trials.variants.slice(0, 5).toSorted((a, b) => product(a) - product(b));
    const [best, ...others] = ranked.map(({ id }) => id);
    return others.some((id) => differs(ratioOf(trials, { of: id, to: best ?? '' }, { comparisons })));
  });
  expectShare(share, expected);
});

function product({ byBlock }: VariantTrials): number {
  return [...byBlock.values()].reduce((total, figure) => total * figure, 1);
}

function differs(estimate: RatioEstimate): boolean {
  return estimate.state === 'estimated' && estimate.differs;
}

test.each([
  [2, 77.7],
  [3, 79.6],
  [5, 79.8],
  [8, 80.2],
])('a difference of the smallest size is found, %d blocks: in %d %%', (blocks, expected) => {
  const truth = smallestRatio({ sd: 0.11, degrees: 3 * (blocks - 1) }, blocks);
  const share = shareOf(9, (normal) => {
    const variants = alike(4, () => 0.11 * normal()).map((variant, index) =>
      index === 0 ? { ...variant, log: () => Math.log(truth) + 0.11 * normal() } : variant,
    );
    return differs(ratioOf(campaignOf(blocks, variants), PAIR));
  });
  expectShare(share, expected);
});

/** Two campaigns at different times, each of four variants alike; how often the interval of one against the other's holds 1. */
function shareAcross(blocks: number, sessionSd: number, betweenSessionsSd: number): number {
  return shareOf(10, (normal) => {
    const [of, to] = [1, 2].map(() => {
      const session = sessionSd * normal();
      return {
        trials: campaignOf(
          blocks,
          alike(4, () => session + 0.11 * normal()),
        ),
        id: 'push 1',
      };
    });
    if (of === undefined || to === undefined) throw new Error('two campaigns');
    return holds(ratioAcross(of, to, { betweenSessionsSd }));
  });
}

test.each([2, 3, 5, 8])('separate campaigns: %d blocks hold it in 97 %%', (blocks) => {
  expectShare(shareAcross(blocks, 0.08, 0.08), 97);
});

test('what sessions differ by is not forgotten: without it coverage is lost, the more the more blocks there are', () => {
  expectShare(shareAcross(2, 0.06, 0), 89);
  expect(shareAcross(8, 0.06, 0)).toBeLessThan(80);
});
