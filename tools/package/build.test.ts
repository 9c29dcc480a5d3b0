import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildTree } from './build.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'feedbench-build-'));
  for (const room of ['cli', 'load', 'reports', 'scenarios', 'servers']) mkdirSync(join(root, room));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** What is built of these files, by their paths. */
function build(files: Readonly<Record<string, string>>): Record<string, string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const out = join(root, 'dist');
  buildTree({ root, entries: ['cli/cli.ts'], beside: ['package.json'] }, out);
  const paths = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(out.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

test('it has what the program imports and starts, and the files that it reads, and no more', () => {
  const built = build({
    'cli/cli.ts':
      "import manifest from '../package.json' with { type: 'json' };\nconst go: URL = new URL('../load/go-process.ts', import.meta.url);",
    'cli/cli.test.ts': "import './cli.ts';",
    'cli/page.js': 'document.title',
    'load/go-process.ts': 'const script = new URL(`scripts/${id}.ts`, import.meta.url);',
    'load/scripts/one.ts': "import { type A, b } from '../lines.ts';",
    'load/lines.ts': 'export interface A {}\nexport const b = 1;',
    'load/unused.ts': 'export {};',
    'load/testing/witness.ts': 'export {};',
    'reports/golden/table.txt': 'golden',
    'servers/balancer/stock.conf': 'listen 80;',
  });
  expect(Object.keys(built).toSorted()).toEqual([
    'cli/cli.mjs',
    'cli/page.js',
    'load/go-process.mjs',
    'load/lines.mjs',
    'load/scripts/one.mjs',
    'servers/balancer/stock.conf',
  ]);
  expect(built['cli/cli.mjs']).toContain("from '../../package.json' with");
  expect(built['cli/cli.mjs']).toMatch(/const go {6}= new URL\('\.\.\/load\/go-process\.mjs', import/);
  expect(built['load/go-process.mjs']).toContain('`scripts/${id}.mjs`');
  expect(built['load/scripts/one.mjs']).toMatch(/import {.*b } from '\.\.\/lines\.mjs';/);
});

test.each([
  ['a program', "new URL('gone-process.ts', import.meta.url);", 'cli/cli.mjs names gone-process.ts, which'],
  ['a style', "readFileSync(join(import.meta.dirname, 'gone.css'));", 'cli/cli.mjs names gone.css, which'],
  ['a folder', "join(import.meta.dirname, '..', 'gone');", 'cli/cli.mjs names gone, which is'],
  [
    'what is for tests alone',
    "import '../load/testing/witness.ts';",
    'cli/cli.mjs names ../load/testing/witness.ts, which',
  ],
  [
    'a file of the checkout',
    "new URL('../tools/setup.sh', import.meta.url);",
    'cli/cli.mjs names ../tools/setup.sh, which',
  ],
])('it is not built where %s is missing', (_, source, message) => {
  expect(() => build({ 'cli/cli.ts': source, 'load/testing/witness.ts': '' })).toThrow(message);
});

test('nothing is built where a source is named in a way that is not followed', () => {
  const files = { 'cli/cli.ts': "const row = { program: 'worker-process.ts' };", 'cli/worker-process.ts': '' };
  expect(() => build(files)).toThrow(
    "cli/cli.ts names worker-process.ts in a way that is not followed: write new URL('worker-process.ts', import.meta.url)",
  );
});
