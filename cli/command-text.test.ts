import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandText } from './command-text.ts';

const ROOT = dirname(import.meta.dirname);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'feedbench-launcher-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('ordinary words are left as they are', () => {
  expect(commandText(['run', 'ticker', '--out', 'a/b', '--transport', 'ws,polling'])).toMatch(
    /^\.\/feedbench run ticker --out a\/b --transport ws,polling$/,
  );
});

test('what may be secret in an address is left out of what is kept', () => {
  const words = ['run', '--target', 'ws://ann:s3cret@h/?token=QQ', '--target=wss://h/?token=QQ'];
  expect(commandText(words)).toBe("./feedbench run --target 'ws://…@h/?token=…' '--target=wss://h/?token=…'");
});

test('a shell makes the same words of it again', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' })), (words) => {
      const line = commandText(words).replace('./feedbench', 'printf "%s\\0"');
      const { stdout } = spawnSync('sh', ['-c', `${line} end`], { encoding: 'utf8' });
      expect(stdout.split('\0')).toEqual([...words, 'end', '']);
    }),
    { numRuns: 25 },
  );
});

test('the launcher is found through links, from any folder, and what it prints can be run there', () => {
  const link = join(folder, 'fb');
  symlinkSync(join(ROOT, 'feedbench'), link);
  symlinkSync('fb', join(folder, 'again'));
  for (const program of [link, join(folder, 'again'), './fb']) {
    const help = spawnSync(program, ['report', '--help'], { cwd: folder, encoding: 'utf8' });
    expect(help.status).toBe(0);
    const example = help.stdout.trimEnd().split('\n').at(-1) ?? '';
    const again = spawnSync('sh', ['-c', example.replace(/ report .*/, ' --version')], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(again).toMatchObject({ status: 0, stderr: '' });
    expect(again.stdout).toMatch(/^feedbench \d/);
  }
});

test('without packages the launcher says what to do', () => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'cp "$0" "$1"/feedbench && "$1"/feedbench list', join(ROOT, 'feedbench'), folder],
    { encoding: 'utf8' },
  );
  expect(status).toBe(3);
  expect(stderr).toMatch(/^feedbench: what it needs is not installed yet: run make setup .*\n$/);
});
