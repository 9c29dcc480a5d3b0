import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from './output.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-output-'));
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

function linkTo(target: string): string {
  const link = join(folder, 'link');
  symlinkSync(target, link);
  return link;
}

test('a link stays one, and what it leads to is written', () => {
  const target = join(folder, 'target');
  writeFileSync(target, 'what was there before, and is longer');
  const link = linkTo(target);
  writeWhole(link, 'text');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('text');
});

test('a device stays one, and what it does not take is a failure', () => {
  const link = linkTo('/dev/full');
  expect(() => writeWhole(link, 'text')).toThrow(expect.objectContaining({ code: 'disk-full' }));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(lstatSync('/dev/full').isCharacterDevice()).toBe(true);
});

test('a file that is none yet is made', () => {
  writeWhole(join(folder, 'new'), 'text');
  expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('text');
});
