import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireOwnFiles, requirePlanned } from './checks.ts';

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

test('what cannot be written in the end is told before anything is measured, and what is there stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'feedbench-checks-'));
  const file = join(folder, 'junit.xml');
  try {
    writeFileSync(file, 'before');
    requirePlanned({ ...NONE, junit: file, markdown: join(folder, 'summary.md') }, []);
    expect(readdirSync(folder)).toEqual(['junit.xml']);
    for (const markdown of [join(folder, 'nowhere', 'summary.md'), folder]) {
      expect(() => requirePlanned({ ...NONE, markdown }, [])).toThrow(expect.objectContaining({ code: 'unwritable' }));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
