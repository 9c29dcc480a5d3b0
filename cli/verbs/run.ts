import { join } from 'node:path';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Failure, FAILURES } from '../../scenarios/failures.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { isMeasured, type MeasuredTrial, type Result } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { shareBudget } from '../../load/budget.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { createResultFile } from '../../load/result-file.ts';
import { checkPorts } from '../../load/ports.ts';
import { networkOpener, type RunOutcome, runScenario } from '../../load/run.ts';
import type { CheckChoices } from '../check-options.ts';
import { checkResults, requirePlanned } from '../checks.ts';
import { CAMPAIGN_JUDGE } from '../planning/campaign-judge.ts';
import { keepNoise, knownNoise } from '../planning/machine-history.ts';
import { lengthText, planLines } from '../planning/plan-text.ts';
import { planRun, type RunChoices } from '../planning/run-plans.ts';
import { type Progress, showProgress, trialLine } from '../progress.ts';
import { requireGenerators } from '../machine.ts';
import { stopOnSignals } from '../signals.ts';
import { complain, print, printText, stderr, stdout } from '../terminal.ts';
import { RESULT_FILE } from '../../reports/read-result.ts';
import { terminalTable } from '../../reports/terminal-table.ts';
import { writeReports, writeRunIndex } from '../../reports/write-reports.ts';

interface Run extends RunChoices {
  /** The words that would make this run again. */
  readonly command: string;
  readonly checks: CheckChoices;
}

/** Runs scenarios, writes results and reports; returns the exit code. Throws a Failure where it could not begin. */
export async function run(choices: Run): Promise<number> {
  const redisUrl = takeRedisUrl();
  const plans = await planRun(choices, redisUrl);
  requirePlanned(choices.checks, plans);
  const specs = plans.flatMap(({ cells, light }) => [...cells, ...light]);
  await requireGenerators(new Set(specs.map(({ generator }) => generator)));
  await checkPorts(specs, networkOpener(redisUrl));
  for (const line of planLines(plans)) print(line);
  print(`${lengthText(plans)}; Ctrl-C ends with what is measured by then`);
  const progress = showProgress(plans, stderr);
  const stop = stopOnSignals((line) => progress.say(line));
  const startedNs = monotonicNs();
  const outcomes: RunOutcome[] = [];
  try {
    for (const [index, planned] of plans.entries()) {
      if (stop.aborted || outcomes.some(({ failure }) => failure !== undefined)) break;
      const plan = withWhatIsLeft(plans.slice(index), choices.course.budgetNs, startedNs) ?? planned;
      outcomes.push(await runOne(plan, { choices, redisUrl, stop, progress }));
    }
  } finally {
    progress.end();
    // Also where something stands in the way of a later scenario: what was measured is shown.
    printTables(outcomes);
  }
  const exitCode = conclude(outcomes, { out: choices.out, stop });
  // What failed, and what the audit found, comes first.
  const checked = checkResults(resultsOf(outcomes), choices.checks);
  return exitCode === 0 ? checked : exitCode;
}

/** The first of the plans, with its share of what is left of a budget: one that ended early has left more. */
function withWhatIsLeft(
  plans: readonly ScenarioPlan[],
  budgetNs: number | undefined,
  startedNs: number,
): ScenarioPlan | undefined {
  return budgetNs === undefined ? plans[0] : shareBudget(plans, budgetNs - (monotonicNs() - startedNs))[0];
}

function printTables(outcomes: readonly RunOutcome[]): void {
  for (const result of resultsOf(outcomes)) printText(`\n${terminalTable(result, stdout.columns)}`);
}

function resultsOf(outcomes: readonly RunOutcome[]): readonly Result[] {
  return outcomes.flatMap(({ result }) => result ?? []);
}

function conclude(outcomes: readonly RunOutcome[], { out, stop }: { out: string; stop: AbortSignal }): number {
  const failure = outcomes.map((outcome) => outcome.failure).find((one) => one !== undefined);
  if (failure !== undefined) {
    complain(failure.message);
    return failure.exitCode;
  }
  const results = resultsOf(outcomes);
  if (results.length === 0) {
    complain('stopped before anything was measured, so there is no report');
    return exitCodeOf(results, stop);
  }
  print('');
  for (const { id } of results) print(`Report: ${join(out, id, 'index.html')}`);
  print(`All runs: ${join(out, 'index.html')}`);
  return exitCodeOf(results, stop);
}

/** The report is there as soon as its scenario is done; a disk that is full by then takes nothing from the tables. */
function writeAll({ result, failure }: RunOutcome, out: string, say: (line: string) => void): RunOutcome {
  if (result === undefined) return { result, failure };
  try {
    const { unlinked } = writeRunIndex(out);
    writeReports(join(out, result.id), result);
    if (unlinked !== undefined) say(unlinked);
    return { result, failure };
  } catch (error) {
    if (error instanceof Failure) return { result, failure: failure ?? error };
    throw error;
  }
}

interface RunParts {
  readonly choices: Run;
  readonly redisUrl: string | undefined;
  readonly stop: AbortSignal;
  readonly progress: Progress;
}

async function runOne(plan: ScenarioPlan, { choices, redisUrl, stop, progress }: RunParts): Promise<RunOutcome> {
  const file = await createResultFile<Result>({
    out: choices.out,
    subject: plan.workload.name,
    at: new Date(),
    name: RESULT_FILE,
  });
  const outcome = await runScenario(plan, {
    file,
    command: choices.command,
    redisUrl,
    stop,
    judge: CAMPAIGN_JUDGE,
    noise: knownNoise((line) => progress.say(line)),
    onPhase: (spec, phase, outlook) => progress.phase(spec, phase, outlook),
    onTrial: (trial) => progress.say(trialLine(trial, plan.workload, measuredLine)),
  });
  await keepNoise(outcome.result, (line) => progress.say(line));
  return writeAll(outcome, choices.out, (line) => progress.say(line));
}

function measuredLine(trial: MeasuredTrial): string {
  const { staleness } = trial.histograms;
  const histogram = staleness === undefined ? undefined : Histogram.from(staleness);
  const p50 = histogram === undefined ? 'no deliveries' : `staleness p50 ${formatDuration(histogram.percentileNs(50))}`;
  const faults = auditFaults(trial.audit);
  return `${p50}, audit ${faults === 0 ? 'ok' : `${faults} faults`}${trial.partial ? ', partial' : ''}`;
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
