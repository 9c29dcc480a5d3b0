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
