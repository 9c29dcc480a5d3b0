import { once } from 'node:events';
import { expect, test } from 'vitest';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { boundedStop } from './foreign-bounds.ts';

const OUTSIDE = { isLoopback: false };

test('a machine that is not this one is left alone when its time is over', async () => {
  const said: string[] = [];
  const { signal } = new AbortController();
  const stop = boundedStop(OUTSIDE, { stop: signal, say: (line) => said.push(line), mostNs: 20 * NS_PER_MS });
  expect(stop.aborted).toBe(false);
  await once(stop, 'abort');
  expect(said).toEqual([expect.stringMatching(/^stopping: 20\.0 ms are the most for a machine that is not this one$/)]);
});

test('whoever stops before is heard at once', () => {
  const controller = new AbortController();
  const stop = boundedStop(OUTSIDE, { stop: controller.signal, say: () => undefined });
  controller.abort();
  expect(stop.aborted).toBe(true);
});

test('this one is loaded as long as its user likes', () => {
  const { signal } = new AbortController();
  expect(boundedStop({ isLoopback: true }, { stop: signal, say: () => undefined, mostNs: 0 })).toBe(signal);
});
