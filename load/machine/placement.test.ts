import { expect, test } from 'vitest';
import { generatorProcessCount, parseCoreList, pinned, placeProcesses } from './placement.ts';

test('reads core lists as the kernel writes them', () => {
  expect(parseCoreList('0-2,5')).toEqual([0, 1, 2, 5]);
  expect(parseCoreList('7')).toEqual([7]);
  expect(parseCoreList('')).toEqual([]);
});

test('server and generator share no core', () => {
  const { server, generator } = placeProcesses();
  expect(server.filter((core) => generator.includes(core))).toEqual([]);
});

test('nothing is put before a command that is not pinned', () => {
  expect(pinned([])).toEqual([]);
  expect(pinned([1, 3])).toEqual(['taskset', '-c', '1,3']);
});

test('a generator has a process a core, and more only where descriptors ask for it', () => {
  const placement = { server: [0], generator: [1, 2, 3], note: '' };
  expect(generatorProcessCount(placement, 10)).toBe(3);
  expect(generatorProcessCount({ ...placement, generator: [] }, 10)).toBe(1);
  expect(generatorProcessCount(placement, 1_000_000_000)).toBeGreaterThan(3);
});
