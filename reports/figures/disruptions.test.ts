import { expect, test } from 'vitest';
import { disruptedTrial } from '../testing/disrupted-result.ts';
import { websocketTrial } from '../testing/sample-result.ts';
import { disruptionsOf, disruptionText } from './disruptions.ts';

const SECOND = 1e9;
const all = (ns: number): number[] => Array.from({ length: 20 }, () => ns);

test('where nothing was made to happen there is nothing', () => {
  expect(disruptionsOf([websocketTrial()])).toEqual([]);
  expect(disruptionsOf([])).toEqual([]);
});

test('counts of several trials add up, of their times the middle one is taken, share by share', () => {
  const gone = all(3 * SECOND).slice(0, 15);
  const trials = [all(SECOND), all(2 * SECOND), gone].map((back) => disruptedTrial(back));
  const [figures] = disruptionsOf(trials);
  expect(figures).toMatchObject({
    fault: { kind: 'kill-node' },
    node: 3,
    trials: 3,
    dropped: 60,
    neverBack: 5,
    triesEach: 2,
    mostConnectsPerSecond: 40,
    oldestMissedNs: 1.3 * SECOND,
    ends: [{ end: { code: 'connection-closed' }, count: 60 }],
  });
  expect([50, 100].map((percent) => figures?.connectedNs[percent])).toEqual([2 * SECOND, 2 * SECOND]);
});

test('who never came back in most trials never did', () => {
  const trials = [all(SECOND), [], []].map((back) => disruptedTrial(back));
  expect(disruptionsOf(trials)[0]?.connectedNs[50]).toBeNull();
});

test('the policy is simulated where clients are told at once and others are there', () => {
  const simulated = (reconnect: string): unknown =>
    disruptionsOf([disruptedTrial(all(SECOND), reconnect)])[0]?.simulated;
  const guide = disruptionsOf([disruptedTrial(all(SECOND))])[0]?.simulated;
  // 20 clients between 1 and 1.2 s.
  expect(guide?.connectedNs[0]).toBeGreaterThanOrEqual(SECOND);
  expect(guide?.connectedNs[100]).toBeLessThanOrEqual(1.2 * SECOND);
  expect(guide?.mostPerSecond).toBeGreaterThanOrEqual(100);
  expect(simulated('bare')).toMatchObject({ mostPerSecond: 200 });
  expect(simulated('none')).toBeUndefined();
  expect(simulated('stock')).toBeUndefined();
});

test('it is said in a line', () => {
  const text = (back: readonly number[], dropped = 20): string => {
    const [figures] = disruptionsOf([disruptedTrial(back, 'bare', dropped)]);
    return figures === undefined ? '' : disruptionText(figures);
  };
  expect(text(all(SECOND))).toBe(
    'kill-node@2s: 20 dropped, all back; connected 50 % after 1.00 s, 100 % after 1.00 s; caught up 50 % after 1.10 s, 100 % after 1.10 s; at most 40 connects/s (simulated 200)',
  );
  expect(text(all(SECOND).slice(1))).toContain('1 never back; connected 50 % after 1.00 s, 100 % never;');
  expect(text([], 0)).toBe('kill-node@2s: nobody dropped');
});
