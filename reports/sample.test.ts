import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLAIMS_FILE } from './claims/write-claims.ts';
import { FORMATS } from './formats.ts';
import { placeOf } from './html/place.ts';
import { readResult, RESULT_FILE } from './read-result.ts';
import { buildReport } from './report/report.ts';

const FOLDER = join(import.meta.dirname, 'sample');
const ROOT = join(import.meta.dirname, '..');
/** A checkout is not to grow by more with each new sample. */
const MOST_BYTES = { [RESULT_FILE]: 450_000, 'report.png': 150_000, [FORMATS.html.file]: 600_000 };

/** Parts of scripts are functions as the runtime has them, which a test runner changes; the policy has their hashes. */
function withoutScripts(text: string): string {
  return text.replaceAll(/<script>[\s\S]*?<\/script>|<meta http-equiv="Content-Security-Policy"[^>]*>/g, '');
}

test.each(Object.values(FORMATS))('the sample’s $file is what it would be today', ({ file, render }) => {
  const report = buildReport(readResult(join(FOLDER, RESULT_FILE)));
  const place = placeOf(FOLDER, { result: RESULT_FILE, summary: FORMATS.csv.file, claims: CLAIMS_FILE });
  const isSame = withoutScripts(readFileSync(join(FOLDER, file), 'utf8')) === withoutScripts(render(report, place));
  expect(isSame, `make sample writes reports/sample/${file} anew`).toBe(true);
});

test.each(Object.entries(MOST_BYTES))('the sample’s %s has at most %i bytes', (file, most) => {
  expect(statSync(join(FOLDER, file)).size).toBeLessThanOrEqual(most);
});

test('the README shows the picture, and leads to the report', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\((reports\/sample\/[^)]*)\)/g)].map(([, link = '']) => link);
  expect(new Set(links)).toEqual(new Set(['reports/sample/report.png', 'reports/sample/index.html']));
  for (const link of links) expect(existsSync(join(ROOT, link))).toBe(true);
});
