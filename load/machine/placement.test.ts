import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import {
  allowedCores,
  atLeisure,
  generatorProcessCount,
  parseCoreList,
  pinned,
  placeProcesses,
  placeYardsticks,
  realTime,
} from './placement.ts';
import { needs } from '../../scenarios/testing/conditions.ts';
import { findProgram } from './programs.ts';

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

test('the speed of cores is measured on both sides, on some of many, and nowhere where nothing is pinned', () => {
  const place = (server: number[], generator: number[]) => placeYardsticks({ server, generator, note: 'one core' });
  expect(place([0], [1, 2])).toEqual({ cores: [0, 1, 2], note: 'measured on cores 0,1,2, ten times a second' });
  expect(place([0, 1, 2, 3, 4], [5, 6, 7, 8, 9, 10]).cores).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
  expect(place([], [])).toEqual({ cores: [], note: 'not measured: one core' });
});

/** The 41st figure of /proc/pid/stat (proc(5)): 5 is SCHED_IDLE. */
const POLICY_AFTER_NAME = 38;

const NEEDS_CHRT = needs(findProgram('chrt') !== undefined, 'this system has no chrt');

test('whoever is at leisure gives way, without asking for permission', NEEDS_CHRT, () => {
  const [program = '', ...words] = atLeisure();
  const { stdout } = spawnSync(program, [...words, 'cat', '/proc/self/stat'], { encoding: 'utf8' });
  expect(stdout.slice(stdout.lastIndexOf(')') + 2).split(' ')[POLICY_AFTER_NAME]).toBe('5');
});

test('server and generator have all cores between them, half each, the odd one with the generator', () => {
  const cores = allowedCores();
  const { server, generator, note } = placeProcesses();
  const pinnable = cores.length > 1 && findProgram('taskset') !== undefined;
  expect([...server, ...generator]).toEqual(pinnable ? cores : []);
  expect(generator.length - server.length).toBe(pinnable ? cores.length % 2 : 0);
  expect(note).toMatch(
    pinnable ? `servers on cores ${server.join(',')}; generator on ${generator.join(',')}` : /one core|not pinned/,
  );
});

test('the words for real time are those that work here, or none', () => {
  const words = realTime();
  const [program = 'true', ...parameters] = words;
  expect(spawnSync(program, [...parameters, 'true']).status).toBe(0);
  expect([[], ['chrt', '--rr', '1']]).toContainEqual(words);
  expect(realTime()).toEqual(words);
});

test('what is no core is none', () => {
  expect(parseCoreList('x,3-4')).toEqual([3, 4]);
});

test('the cores of this process are told, each once', () => {
  const cores = allowedCores();
  // A quota may leave fewer at a time than there are.
  expect(cores.length).toBeGreaterThanOrEqual(availableParallelism());
  expect(new Set(cores).size).toBe(cores.length);
});
