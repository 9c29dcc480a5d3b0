import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFault } from '../../scenarios/faults.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { cutAt, feedOf, feedOrigin, patienceNs, planWindow, pollOrigin } from './window.ts';

const SECOND = 1e9;

function specOf(changes: Partial<TrialSpec> = {}): TrialSpec {
  return {
    variant: { transport: 'polling', backplane: 'memory', values: { nodes: 1, pollIntervalNs: 3e9 } },
    generator: 'native',
    clients: 200,
    trial: 1,
    copy: false,
    attempt: 1,
    workload: loadWorkload('ticker'),
    seed: 1,
    warmUpNs: 3 * SECOND,
    windowNs: 21 * SECOND,
    ...changes,
  };
}

test('warm-up and window are whole bins, and nothing asked for is cut off', () => {
  const times = fc.integer({ min: 1, max: 4000 }).map((tenths) => tenths * 1e8);
  fc.assert(
    fc.property(times, times, (warmUpNs, windowNs) => {
      const { bins, windowStartNs, windowEndNs } = planWindow({ warmUpNs, windowNs }, 7);
      expect(windowStartNs - 7).toBeGreaterThanOrEqual(warmUpNs);
      expect(windowEndNs - windowStartNs).toBeGreaterThanOrEqual(windowNs);
      expect(windowEndNs - windowStartNs).toBeLessThan(windowNs + bins.binNs);
      expect(windowEndNs).toBe(7 + bins.count * bins.binNs);
    }),
  );
});

test('the feed begins at one place between two poll phases, whenever the clients are ready', () => {
  const spec = specOf();
  const stepNs = spec.workload.pollIntervalNs / spec.clients;
  const place = (earliestNs: number): number => (feedOrigin(spec, { pollOriginNs: 1000, earliestNs }) - 1000) % stepNs;
  const first = place(5 * SECOND);
  fc.assert(
    fc.property(fc.integer({ min: 5 * SECOND, max: 60 * SECOND }), (earliestNs) => {
      const originNs = feedOrigin(spec, { pollOriginNs: 1000, earliestNs });
      expect(originNs).toBeGreaterThanOrEqual(earliestNs - 1);
      expect(originNs).toBeLessThan(earliestNs + stepNs + 1);
      expect(Math.abs(place(earliestNs) - first)).toBeLessThanOrEqual(1);
    }),
  );
});

test('the feed begins soon, however few clients poll at whatever interval', () => {
  const clients = fc.integer({ min: 1, max: 5 });
  const intervalNs = fc.integer({ min: 1, max: 3600 }).map((seconds) => seconds * SECOND);
  fc.assert(
    fc.property(clients, intervalNs, fc.nat(), (count, pollIntervalNs, seed) => {
      const variant = { transport: 'polling', backplane: 'memory', values: { nodes: 1, pollIntervalNs } } as const;
      const spec = specOf({ clients: count, seed, variant });
      const pollOriginNs = pollOrigin(spec, 100 * SECOND);
      const soonest = feedOrigin(spec, { pollOriginNs, earliestNs: 101.5 * SECOND });
      expect(soonest).toBeLessThanOrEqual(105 * SECOND + 1);
    }),
  );
});

test('a feed that nobody polls does not wait for the grid of polls', () => {
  const variant = { transport: 'websocket', backplane: 'memory', values: { nodes: 1 } } as const;
  expect(feedOrigin(specOf({ variant, clients: 1 }), { pollOriginNs: 0, earliestNs: 7 })).toBe(7);
});

test('a trial that is cut keeps its whole bins, or nothing', () => {
  const timing = planWindow(specOf(), 0);
  expect(cutAt(timing, 24 * SECOND)).toBe(timing);
  expect(cutAt(timing, 10.7 * SECOND)).toMatchObject({ windowEndNs: 10 * SECOND, bins: { count: 10 } });
  expect(() => cutAt(timing, 3.9 * SECOND)).toThrow(/stopped before/);
});

test('bins are counted from the origin of the feed, wherever on the clock that lies', () => {
  const originNs = 1234 * SECOND;
  const timing = planWindow(specOf(), originNs);
  expect(cutAt(timing, originNs + 24 * SECOND)).toBe(timing);
  expect(cutAt(timing, originNs + 10.7 * SECOND)).toMatchObject({ windowEndNs: originNs + 10 * SECOND });
  expect(cutAt(timing, originNs + 4 * SECOND).bins.count).toBe(4);
  expect(() => cutAt(timing, originNs + 3.9 * SECOND)).toThrow(expect.objectContaining({ code: 'interrupted' }));
});

test('the place of the feed between two polls is anywhere there, and that of its seed', () => {
  const stepNs = specOf().workload.pollIntervalNs / 200;
  const place = (seed: number): number =>
    (feedOrigin(specOf({ seed }), { pollOriginNs: 0, earliestNs: 5 * SECOND }) % stepNs) / stepNs;
  const places = Array.from({ length: 200 }, (_, seed) => place(seed));
  for (const quarter of [0, 1, 2, 3]) {
    expect(places.filter((at) => Math.floor(at * 4) === quarter).length).toBeGreaterThan(25);
  }
  expect(place(7)).toBe(place(7));
});

test('the feed of a trial covers warm-up and window', () => {
  const { feed, payload } = loadWorkload('ticker');
  expect(feedOf(specOf())).toEqual({ feed, payload, seed: 1, messages: 480, durationNs: 24 * SECOND });
});

test('who may wait for a next try when the feed ends is waited for longer', () => {
  const stormy = { ...loadWorkload('ticker'), faults: [parseFault('kill-node@2s')] };
  const websocket = (reconnect: 'none' | 'full'): TrialSpec['variant'] => ({
    transport: 'websocket',
    backplane: 'redis',
    values: { nodes: 3, reconnect },
  });
  expect(patienceNs(specOf({ variant: websocket('full') }))).toBe(5 * SECOND);
  expect(patienceNs(specOf({ variant: websocket('none'), workload: stormy }))).toBe(5 * SECOND);
  expect(patienceNs(specOf({ variant: websocket('full'), workload: stormy }))).toBe(15 * SECOND);
});
