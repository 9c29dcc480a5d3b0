import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = dirname(import.meta.dirname);
const CLI = join(import.meta.dirname, 'cli.ts');
const MARK = 'loaded: ';

/** Every file that a command line loads, relative to the root. */
function filesLoadedBy(...words: string[]): string[] {
  const hook = `
    import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, next) {
        if (url.startsWith('file:')) process._rawDebug('${MARK}' + url);
        return next(url, context);
      },
    });`;
  const parameters = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, CLI, ...words];
  const { stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
  return stderr
    .split('\n')
    .filter((line) => line.startsWith(MARK))
    .map((line) => relative(ROOT, fileURLToPath(line.slice(MARK.length))));
}

function beyondTables(files: readonly string[], patterns: readonly RegExp[]): string[] {
  return files.filter((file) => !TABLES.has(file) && patterns.some((pattern) => pattern.test(file)));
}

/** What the options of verbs are made of: tables. */
const TABLES: ReadonlySet<string> = new Set([
  'servers/registry.ts',
  'servers/backplanes.ts',
  'servers/path.ts',
  'servers/balancers.ts',
  'servers/abilities.ts',
  'servers/wire/header-profiles.ts',
  'load/registry.ts',
  'load/browser/pages-for.ts',
  'load/k6/scripts.ts',
  'load/library/clients.ts',
]);
const MEASURES = /^(?:load|servers)\//;
const REPORTS = /^reports\//;

test.each([
  ['--help', /^node_modules\/(?!commander\/)/],
  ['run --help', /^node_modules\/(?!commander\/)/],
  ['--version', /^node_modules\/(?!commander\/)/],
  ['list', /^node_modules\/(?!commander\/|zod\/)/],
])('%s loads nothing that measures or reports', (words, foreign) => {
  const files = filesLoadedBy(...words.split(' '));
  expect(files).toContain('cli/commands/run.ts');
  expect(beyondTables(files, [MEASURES, REPORTS, foreign])).toEqual([]);
});

test('report loads nothing that measures', () => {
  const files = filesLoadedBy('report', 'none.json');
  expect(files).toContain('reports/report/report.ts');
  expect(beyondTables(files, [MEASURES])).toEqual([]);
});

test('the version is that of the package, and of the Node that runs it', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const { stdout } = spawnSync(process.execPath, [CLI, '--version'], { encoding: 'utf8' });
  expect(stdout).toBe(`feedbench ${version} (Node ${process.version})\n`);
});
