import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = dirname(import.meta.dirname);

const CONFIG = `
import { REAL_TIME_TAG } from '${ROOT}/scenarios/testing/conditions.ts';
import { TestNotes } from '${ROOT}/tools/test-notes.ts';
export default { test: { tags: [REAL_TIME_TAG], reporters: [new TestNotes()] } };`;

const TESTS = `
import { expect, test } from 'vitest';
import { needs, REAL_TIME } from '${ROOT}/scenarios/testing/conditions.ts';
let tries = 0;
test('late once', REAL_TIME, () => expect(++tries).toBe(2));
test('without a tool', needs(false, 'the tool is not installed'), () => undefined);
test('with its tool', needs(true, 'the tool is not installed'), () => undefined);
test('finds out', ({ skip }) => skip('it is Sunday'));`;

const UNTAGGED = `
import { expect, test } from 'vitest';
let tries = 0;
test('left something behind once', () => expect(++tries).toBe(2));`;

async function run(tests: string): Promise<{ status: number | null; stdout: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'feedbench-notes-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'vitest.config.ts'), CONFIG);
    await writeFile(join(folder, 'planted.test.ts'), tests);
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    return spawnSync(process.execPath, [vitest, 'run', '--root', folder], { encoding: 'utf8' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a test of real time is tried again and named; what is left out says why', async () => {
  const { status, stdout } = await run(TESTS);
  expect(stdout.trim().split('\n')).toEqual([
    'retried: planted.test.ts > late once (1×)',
    'left out, the tool is not installed:',
    '  planted.test.ts > without a tool',
    'left out, it is Sunday:',
    '  planted.test.ts > finds out',
  ]);
  expect(status).toBe(0);
});

test('any other test has one try', async () => {
  expect((await run(UNTAGGED)).status).toBe(1);
});
