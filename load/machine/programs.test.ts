import { afterEach, expect, test, vi } from 'vitest';
import { startChild } from './child.ts';
import { readOutput } from './programs.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const LANGUAGE = ['sh', '-c', 'echo "$LC_ALL"'];

test('programs whose words are read speak the language that is read, whatever the locale of the user', async () => {
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
  expect(await readOutput(LANGUAGE, 5000)).toBe('C\n');
  let said = '';
  const host = { address: '127.0.0.1', enter: [] };
  const onOutput = (text: string): void => void (said += text);
  const child = startChild({ name: 'a child', command: LANGUAGE, host, cores: [], onOutput }, () => undefined);
  await child.exited;
  expect(said).toBe('C\n');
});

test('a program that fails, or takes too long, has no output', async () => {
  await expect(readOutput(['sh', '-c', 'echo half; exit 1'], 5000)).rejects.toThrow(/Command failed/);
  await expect(readOutput(['sleep', '60'], 20)).rejects.toThrow(/Command failed/);
  await expect(readOutput(['no-such-program'], 5000)).rejects.toThrow(/ENOENT/);
});
