import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTarget } from './options.ts';

test('an address and a ratio stand beside each other', () => {
  expect(parseTarget('1.1')).toEqual({ ratio: 1.1 });
  expect(parseTarget('ws://127.0.0.1:1/')).toEqual({ address: 'ws://127.0.0.1:1/' });
  expect(parseTarget('1.1', parseTarget('ws://x/'))).toEqual({ address: 'ws://x/', ratio: 1.1 });
});

test('what is neither is told', () => {
  expect(() => parseTarget('0.5')).toThrow(/above 1/);
  expect(() => parseTarget(' ')).toThrow(/a ratio such as 1\.1, or an address/);
});

const PROGRAM = join(dirname(import.meta.dirname), 'feedbench');

test.each(['run', 'plan'])('%s refuses beside a server of your own what only nodes of feedbench have', (verb) => {
  const own = ['--target', 'ws://127.0.0.1:1/', '--adapter', 'examples/adapters/chat.ts'];
  const words = [verb, 'ticker', ...own, '--tls', 'tls1.3', '--transport', 'ws'];
  const { status, stderr } = spawnSync(PROGRAM, words, { encoding: 'utf8' });
  expect(stderr).toContain('--target: leave out --tls, --transport, which the nodes of feedbench have');
  expect(status).toBe(2);
});
