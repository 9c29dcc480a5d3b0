import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDERS = ['inside', 'scripts'].map((name) => join(import.meta.dirname, name));

/** What k6's scripts read of the rest of feedbench. */
const modules = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/ from '(\.\.\/\.\.\/[^']+)'/g)])
    .map(([, path = '']) => join(folder, path)),
);

test("what k6's scripts share with the rest is read by a runtime that has no Intl, as k6's own has none", () => {
  expect(modules.length).toBeGreaterThan(5);
  const imports = [...new Set(modules)].map((path) => `await import(${JSON.stringify(path)});`);
  const program = ['delete globalThis.Intl;', ...imports].join('\n');
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
