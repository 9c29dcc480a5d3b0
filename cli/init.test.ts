import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadWorkload } from '../scenarios/feed/workload.ts';
import { needs } from '../scenarios/testing/conditions.ts';

const LAUNCHER = join(dirname(import.meta.dirname), 'feedbench');
const STARTERS = ['adapter.ts', 'workload.json', 'workload.schema.json'];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'feedbench-init-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function init(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(LAUNCHER, ['init', ...words], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('it writes a workload that can be measured as it is, with the schema that it names', () => {
  const { status, stdout, stderr } = init('mine');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const names = readdirSync(join(folder, 'mine'));
  expect(names.toSorted()).toEqual(STARTERS);
  for (const name of names) expect(stdout).toMatch(new RegExp(`mine/${name} +[a-z]`));
  expect(stdout).toMatch(/feedbench run mine\/workload\.json/);
  const path = join(folder, 'mine', 'workload.json');
  const { $schema } = JSON.parse(readFileSync(path, 'utf8')) as { $schema: string };
  expect(JSON.parse(readFileSync(join(folder, 'mine', $schema), 'utf8'))).toHaveProperty('properties.clients');
  expect(loadWorkload(path)).toMatchObject({ name: 'workload', clients: 50 });
});

test('what is there stays as it is, and nothing is put beside it', () => {
  writeFileSync(join(folder, 'workload.schema.json'), 'mine');
  expect(init()).toEqual({
    status: 2,
    stdout: '',
    stderr:
      'feedbench: workload.schema.json is there already, and nothing is overwritten: name another folder, or move it away\n',
  });
  expect(readdirSync(folder)).toEqual(['workload.schema.json']);
  expect(readFileSync(join(folder, 'workload.schema.json'), 'utf8')).toBe('mine');
});

test('a folder that cannot be is told of in a line', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(init('no/such')).toMatchObject({
    status: 2,
    stderr: `feedbench: there is no folder ${folder}/no: make it first, or name another\n`,
  });
  expect(init('file')).toMatchObject({ status: 2, stderr: 'feedbench: file is a file: name a folder\n' });
  expect(init('')).toMatchObject({
    status: 2,
    stderr: 'feedbench: the folder has no name: name one, or leave it out for this one\n',
  });
  expect(readdirSync(folder)).toEqual(['file']);
});

const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

test('of a disk that gets full nothing stays behind', needs(canMount, 'no tmpfs can be mounted here'), () => {
  const script = 'mount -t tmpfs -o size=8k none . && cd "$PWD" && "$0" init mine; echo $? $(ls)';
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, LAUNCHER], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toBe('3\n');
  expect(stderr).toMatch(
    /^feedbench: cannot write mine\/workload\S+ \(ENOSPC.*\): make room, or name a folder elsewhere\n$/,
  );
});
