import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { TRANSPORTS } from '../servers/registry.ts';
import { needs } from '../scenarios/testing/conditions.ts';

const root = dirname(import.meta.dirname);
const INDENT = 2;
const MOST_SOURCES = 15;

/** Folders of the tree in ARCHITECTURE.md by their paths: `    feed/   what it is`, two spaces a level. */
function documentedFolders(): string[] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const tree = text.slice(text.indexOf('## The tree'));
  const lines = tree.slice(0, tree.indexOf('\n## ')).matchAll(/^ {4}( *)([\w-]+)\/ +\S/gm);
  const above: string[] = [];
  return Array.from(lines, ([, indent = '', name = '']) => {
    above.length = indent.length / INDENT;
    above.push(name);
    return above.join('/');
  });
}

/** What git knows of and is still there, with what it would add. */
function files(): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  return list
    .toString()
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)));
}

/** A checkout without git (an archive) cannot tell what belongs to it. */
const known = existsSync(join(root, '.git'));

test(
  'every folder has its line in the tree of ARCHITECTURE.md, and every line its folder',
  needs(known, 'git does not know the files'),
  () => {
    const folders = new Set(
      files()
        .filter((path) => path.includes('/') && !path.startsWith('.'))
        .map((path) => dirname(path)),
    );
    expect(documentedFolders().toSorted()).toEqual([...folders].toSorted());
  },
);

test.each(Object.values(TRANSPORTS))('the README names $label, and how to see its feed by hand', ({ label, tryIt }) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8').replaceAll(/\s+/g, ' ');
  expect(readme).toContain(label.replace('HTTP ', ''));
  const [command = ''] = tryIt.split('  #');
  expect(readme).toContain(command.replace('HOST', '127.0.0.1:3001'));
});

test(`no folder has more than ${MOST_SOURCES} sources`, needs(known, 'git does not know the files'), () => {
  const sources = files().filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  const counts = new Map<string, number>();
  for (const path of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MOST_SOURCES)).toEqual([]);
});
