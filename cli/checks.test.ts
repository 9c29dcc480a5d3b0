import { expect, test } from 'vitest';
import { requireOwnFiles } from './checks.ts';

const NONE = { assertions: [], junit: undefined, markdown: undefined };
const READ = ['runs/a/result.json', 'runs/b/result.json'];

test.each([
  [{ ...NONE, junit: 'runs/x/../b/result.json' }, /^--junit \S*runs\/b\/result\.json is a result/],
  [{ ...NONE, markdown: './runs/a/result.json' }, /^--markdown \S* is a result/],
  [{ ...NONE, junit: 'same', markdown: './same' }, /^--junit and --markdown are both \S*same/],
])('no result is written over, and no file twice: %o', (choices, message) => {
  const act = (): void => requireOwnFiles(choices, READ);
  expect(act).toThrow(message);
  expect(act).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('files of their own are fine', () => {
  expect(() => requireOwnFiles({ ...NONE, junit: 'junit.xml', markdown: 'summary.md' }, READ)).not.toThrow();
  expect(() => requireOwnFiles(NONE, READ)).not.toThrow();
});
