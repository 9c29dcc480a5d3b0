import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FORMATS } from './formats.ts';
import { readResult } from './read-result.ts';
import { buildReport, type Report } from './report/report.ts';
import { terminalTable } from './terminal-table.ts';

/** Real files as each version of feedbench wrote them. */
const FOLDER = join(import.meta.dirname, '../scenarios/result/fixtures');
const WRITTEN = readdirSync(FOLDER).filter((name) => name.startsWith('result-'));

/** What a figure that is not there looks like where nobody has thought of it. */
const NONSENSE = /\b(NaN|undefined|Infinity)\b|\[object/;

/** Without scripts and styles, which have words of their own. */
function proseOf(page: string): string {
  return page.replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '');
}

function reportOf(name: string): Report {
  return buildReport(readResult(join(FOLDER, name)));
}

describe.each(WRITTEN)('of %s', (name) => {
  test.each(Object.entries(FORMATS))('%s is written', (_format, { render }) => {
    const report = reportOf(name);
    const text = proseOf(render(report));
    expect(text).not.toMatch(NONSENSE);
    const isNamed = ({ trial, transport }: Report['all'][number]): boolean =>
      [trial.variant.transport, transport].some((word) => text.includes(word));
    expect(report.all.filter((row) => !isNamed(row))).toEqual([]);
  });

  test('the terminal has every variant', () => {
    const report = reportOf(name);
    const table = terminalTable(report.result);
    expect(table).not.toMatch(NONSENSE);
    for (const { variantLabel } of report.rows) expect(table).toContain(variantLabel);
  });
});

test('there is one of every version', () => {
  const versions = new Set(WRITTEN.map((name) => /^result-(\d+)/.exec(name)?.[1]));
  expect(versions).toEqual(new Set(['1', '2', '3']));
});
