import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { setUpWords } from './make-words.ts';

beforeEach(() => vi.stubEnv('REDIS_URL', ''));
afterEach(() => vi.unstubAllEnvs());

test('a verb needs Redis where it may be asked for a backplane that does, and was not asked for another', async () => {
  const program = new Command();
  program.command('choosy').option('--backplane <ids>');
  program.command('plain').option('--clients <count>');
  expect(await setUpWords(program, ['choosy'])).toEqual(['redis']);
  expect(await setUpWords(program, ['choosy', '--backplane', 'memory'])).toEqual([]);
  expect(await setUpWords(program, ['plain', '--clients', '3'])).toEqual([]);
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:6379');
  expect(await setUpWords(program, ['choosy'])).toEqual([]);
});

test('a balancer that is named is needed, and no other', async () => {
  const needsOf = async (...words: string[]): Promise<string[]> => {
    const program = new Command();
    const listed = (list: string): string[] => list.split(',');
    program.command('balanced').option('--backplane <ids>').option('--balancer <ids>', '', listed);
    return setUpWords(program, ['balanced', '--backplane', 'memory', ...words]);
  };
  expect(await needsOf('--balancer', 'none,haproxy')).toEqual(['haproxy']);
  expect(await needsOf()).toEqual([]);
});
