import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURES } from '../../scenarios/failures.ts';
import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { isMeasured, type Result } from '../../scenarios/result/result.ts';
import type { RunOutcome } from '../../load/run.ts';
import { terminalTable } from '../../reports/terminal-table.ts';
import type { CheckChoices } from '../check-options.ts';
import { checkResults } from '../checks.ts';
import { commandText, pathFromHere } from '../command-text.ts';
import type { RunChoices } from '../planning/run-plans.ts';
import { complain, print, printText, stdout } from '../terminal.ts';

export function printTables(outcomes: readonly RunOutcome[]): void {
  for (const result of resultsOf(outcomes)) printText(`\n${terminalTable(result, stdout.columns)}`);
}

function resultsOf(outcomes: readonly RunOutcome[]): readonly Result[] {
  return outcomes.flatMap(({ result }) => result ?? []);
}

interface Ending {
  /** A server of the user's own, which no result can find again. */
  readonly foreign?: RunChoices['foreign'];
  readonly out: string;
  readonly stop: AbortSignal;
  readonly checks: CheckChoices;
}

/** Where the reports are, and the exit code: what failed, and what the audit found, comes before what was to be checked. */
export function conclude(outcomes: readonly RunOutcome[], ending: Ending): number {
  const exitCode = closingLines(outcomes, ending);
  const checked = checkResults(resultsOf(outcomes), ending.checks);
  return exitCode === 0 ? checked : exitCode;
}

function closingLines(outcomes: readonly RunOutcome[], { out, stop, foreign }: Ending): number {
  const failure = outcomes.map((outcome) => outcome.failure).find((one) => one !== undefined);
  const results = resultsOf(outcomes);
  if (failure !== undefined) {
    // What was measured before it has its report, unless that is what could not be written.
    for (const path of results.map(({ id }) => join(out, id, 'index.html')).filter(existsSync))
      print(`Report: ${path}`);
    complain(failure.message);
    return failure.exitCode;
  }
  if (results.length === 0) {
    complain('stopped before anything was measured, so there is no report');
    return exitCodeOf(results, stop);
  }
  print('');
  for (const { id } of results) print(`Report: ${join(out, id, 'index.html')}`);
  print(`All runs: ${join(out, 'index.html')}`);
  for (const result of results.filter(isUnfinished)) print(`Go on with it: ${goOnText(join(out, result.id), foreign)}`);
  return exitCodeOf(results, stop);
}

/** A campaign that did not come to the end that was planned. */
export function isUnfinished({ campaign }: Result): boolean {
  return campaign !== null && (campaign.endedBy === 'stopped' || campaign.endedBy === 'failure');
}

function goOnText(folder: string, foreign: Ending['foreign']): string {
  const words = ['run', '--resume', pathFromHere(folder)];
  if (foreign === undefined) return commandText(words);
  const { address, adapter, isAllowed } = foreign;
  const consent = isAllowed ? ['--i-may-load-this-host'] : [];
  return commandText([...words, '--target', address, '--adapter', adapter, ...consent]);
}

/** Being stopped comes first, then what failed, then what the audit found. */
function exitCodeOf(results: readonly Result[], stop: AbortSignal): number {
  if (stop.aborted) return FAILURES.interrupted.exitCode;
  const trials = results.flatMap((result) => result.trials);
  const failed = trials.find((trial) => trial.state === 'failed');
  if (failed !== undefined) return FAILURES[failed.code].exitCode;
  const faulty = trials.some((trial) => isMeasured(trial) && auditFaults(trial.audit) > 0);
  return faulty ? FAILURES.audit.exitCode : 0;
}
