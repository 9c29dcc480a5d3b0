import { truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTextFile } from './text-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-text-'));
});

afterAll(async () => rm(folder, { recursive: true }));

function saved(bytes: string | Buffer): string {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  return path;
}

test('a text is read, with and without a byte order mark', () => {
  expect(readTextFile(saved('größer\n'), 100)).toBe('größer\n');
  expect(readTextFile(saved('\uFEFF{"a":1}'), 100)).toBe('{"a":1}');
});

test('a text as an old Windows saves it is refused, with what to do', () => {
  const text = saved(Buffer.from('\uFEFF{}', 'utf16le'));
  expect(() => readTextFile(text, 100)).toThrow('it is UTF-16: save it as UTF-8');
});

test('what is no file is not even opened', () => {
  expect(() => readTextFile('/dev/zero', 100)).toThrow('it is a pipe or a device, not a file');
  expect(() => readTextFile('/proc/kmsg', 100)).toThrow(/it is empty|ENOENT/);
  expect(() => readTextFile(saved(''), 100)).toThrow('it is empty');
  expect(() => readTextFile(folder, 100)).toThrow('it is a folder');
  expect(() => readTextFile(join(folder, 'none'), 100)).toThrow('ENOENT');
});

test('a file that is far too large is not read', () => {
  const path = saved('');
  truncateSync(path, 2 ** 40);
  expect(() => readTextFile(path, 1000)).toThrow('it has 1099511627776 bytes, and 1000 are the most');
});
