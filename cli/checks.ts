import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure, FAILURES } from '../scenarios/failures.ts';
import type { Workload } from '../scenarios/feed/workload.ts';
import type { Result } from '../scenarios/result/result.ts';
import { type Variant, variantKey } from '../scenarios/variant.ts';
import type { CheckedRun } from '../reports/assertions/checked-run.ts';
import { isBroken, judgeAssertion, type Judgement, notMeasured } from '../reports/assertions/judgement.ts';
import { renderJunit } from '../reports/assertions/junit.ts';
import { renderMarkdown } from '../reports/assertions/markdown.ts';
import { requireSelected, selectableKeys } from '../reports/assertions/selection.ts';
import type { RunComparison } from '../reports/compare/run-comparison.ts';
import { distinct, listOf } from '../reports/figures/wording.ts';
import { requireWritable, writeFailure, writeWhole } from '../reports/output.ts';
import { buildReport } from '../reports/report/report.ts';
import type { CheckChoices } from './check-options.ts';
import { complain, print } from './terminal.ts';

/** Throws `usage` where a rule names nothing in any of the results. */
export function requireRules({ assertions }: CheckChoices, results: readonly Result[]): void {
  const keys = distinct(results.flatMap((result) => selectableKeys(buildReport(result))));
  requireSelected(assertions, keys, listOf(results.map(({ workload }) => workload.name)));
}

/** Throws `usage` where what is to be written would take the place of what is read, or of something else that is written. */
export function requireOwnFiles({ junit, markdown }: CheckChoices, read: readonly string[]): void {
  const results = new Set(read.map((path) => resolve(path)));
  const written = Object.entries({ junit, markdown }).flatMap(([option, path]) =>
    path === undefined ? [] : [{ option, path: resolve(path) }],
  );
  for (const { option, path } of written) {
    if (results.has(path)) throw new Failure('usage', `--${option} ${path} is a result: choose another file`);
  }
  const [first, second] = written;
  if (first !== undefined && first.path === second?.path)
    throw new Failure('usage', `--junit and --markdown are both ${first.path}: choose another file for one of them`);
}

/**
 * The same before anything is measured: each plan's variants, by the keys that their trials will have. And what is to be written in
 * the end can be written. Throws `usage`, `unwritable`, `disk-full`.
 */
export function requirePlanned(checks: CheckChoices, plans: readonly Planned[]): void {
  const { assertions, junit, markdown } = checks;
  requireOwnFiles(checks, []);
  for (const path of [junit, markdown]) if (path !== undefined) requireWritable(path);
  const keys = distinct(
    plans.flatMap(({ workload, cells }) => cells.map(({ variant }) => variantKey(variant, workload))),
  );
  requireSelected(assertions, keys, listOf(plans.map(({ workload }) => workload.name)));
}

interface Planned {
  readonly workload: Workload;
  readonly cells: readonly { readonly variant: Variant }[];
}

/** Holds results against the rules, and says what came of it; returns the exit code of that. */
export function checkResults(results: readonly Result[], checks: CheckChoices): number {
  const runs = results.map((result): CheckedRun => {
    const report = buildReport(result);
    return { report, judgements: checks.assertions.flatMap((assertion) => judgeAssertion(report, assertion)) };
  });
  const [first, ...others] = runs;
  if (first === undefined) return 0;
  const judged = new Set(runs.flatMap(({ judgements }) => judgements.map(({ rule }) => rule)));
  const missing = checks.assertions.filter((assertion) => !judged.has(assertion)).map(notMeasured);
  return concludeChecks({ runs: [{ ...first, judgements: [...first.judgements, ...missing] }, ...others] }, checks);
}

interface Checked {
  readonly runs: readonly CheckedRun[];
  readonly comparison?: RunComparison;
}

/**
 * Prints what came of the rules and writes what was asked for; returns the exit code of that alone. A file that cannot be
 * written is a line, and keeps nothing else from being said.
 */
export function concludeChecks(checked: Checked, { junit, markdown }: Omit<CheckChoices, 'assertions'>): number {
  const judgements = checked.runs.flatMap((run) => run.judgements);
  if (judgements.length > 0) printJudgements(judgements);
  const written = [
    ...(junit === undefined ? [] : [tryTo(() => writeWhole(junit, renderJunit(checked.runs)))]),
    ...(markdown === undefined ? [] : [tryTo(() => writeWhole(markdown, renderMarkdown(checked)))]),
    ...summaryForCi(checked, markdown),
  ];
  const broken = judgements.some(isBroken) ? FAILURES.assertion.exitCode : 0;
  return broken === 0 ? (written.find((exitCode) => exitCode !== 0) ?? 0) : broken;
}

function printJudgements(judgements: readonly Judgement[]): void {
  const broken = judgements.filter(isBroken).length;
  print('');
  print(broken === 0 ? 'All assertions hold:' : `${broken} of ${judgements.length} assertions do not hold:`);
  for (const { rule, variant, state, text } of judgements)
    print(`  ${STATES[state]}  ${rule.text}  ${variant}: ${text}`);
}

const STATES = { held: 'holds      ', failed: 'FAILS      ', undecided: 'NOT DECIDED' } as const;

/** GitHub Actions, and those that follow it, name a file for it; Azure Pipelines take a file by a line that is printed. */
function summaryForCi(checked: Checked, markdown: string | undefined): number[] {
  const { GITHUB_STEP_SUMMARY: file = '', TF_BUILD: azure = '' } = process.env;
  if (azure !== '' && markdown !== undefined) print(`##vso[task.uploadsummary]${resolve(markdown)}`);
  return file === '' ? [] : [tryTo(() => append(file, renderMarkdown(checked)))];
}

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    throw writeFailure(file, error);
  }
}

/** 0, or the exit code of what stood in its way. */
function tryTo(write: () => void): number {
  try {
    write();
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    complain(error.message);
    return error.exitCode;
  }
}
