import { join } from 'node:path';
import { Failure, FAILURES } from '../../scenarios/failures.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { isMeasured, type MeasuredTrial, type Result } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { loadWorkload, type Workload, workloadNames } from '../../scenarios/feed/workload.ts';
import {
  type BackplaneId,
  DEFAULT_BACKPLANE_IDS,
  isGoodForSome,
  TRANSPORT_IDS,
  type TransportId,
} from '../../servers/registry.ts';
import { estimateNs, type PlanChoices, planScenario, type ScenarioPlan } from '../../load/plan.ts';
import { scenarioOptions } from '../../load/scenario-options.ts';
import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { createResultFile } from '../../load/result-file.ts';
import { checkPorts } from '../../load/ports.ts';
import { networkOpener, type RunOutcome, runScenario } from '../../load/run.ts';
import { type Progress, showProgress, trialLine, trialName } from '../progress.ts';
import { requireGenerators, usableBackplanes } from '../machine.ts';
import { stopOnSignals } from '../signals.ts';
import { complain, print, printText, stderr, stdout } from '../terminal.ts';
import { RESULT_FILE } from '../../reports/read-result.ts';
import { chosen } from '../../reports/figures/wording.ts';
import { terminalTable } from '../../reports/terminal-table.ts';
import { writeReports, writeRunIndex } from '../../reports/write-reports.ts';

export interface RunChoices extends Omit<PlanChoices, 'transports' | 'backplanes'> {
  /** Empty: all of them. */
  readonly scenarios: readonly string[];
  /** Undefined: those of the scenario, or else all. */
  readonly transports: readonly TransportId[] | undefined;
  /** Undefined: those of the scenario, or else all that this machine can run. */
  readonly backplanes: readonly BackplaneId[] | undefined;
  readonly out: string;
  readonly command: string;
}

/** Runs scenarios, writes results and reports; returns the exit code. Throws a Failure where it could not begin. */
export async function run(choices: RunChoices): Promise<number> {
  const names = choices.scenarios.length === 0 ? workloadNames() : choices.scenarios;
  const workloads = names.map((name) => loadWorkload(name));
  const redisUrl = takeRedisUrl();
  const plans = await planAll(workloads, choices, redisUrl);
  const trials = plans.flatMap((plan) => plan.trials);
  await requireGenerators(new Set(trials.map(({ generator }) => generator)));
  await checkPorts(trials, networkOpener(redisUrl));
  printPlan(plans);
  const progress = showProgress(trials, stderr);
  const stop = stopOnSignals((line) => progress.say(line));
  const outcomes: RunOutcome[] = [];
  try {
    for (const plan of plans) {
      if (stop.aborted || outcomes.some(({ failure }) => failure !== undefined)) break;
      outcomes.push(await runOne(plan, { choices, redisUrl, stop, progress }));
    }
  } finally {
    progress.end();
    // Also where something stands in the way of a later scenario: what was measured is shown.
    printTables(outcomes);
  }
  return conclude(outcomes, { out: choices.out, stop });
}

/** What the command line does not say, the scenario says; what neither of them says is as usual. */
async function planAll(
  workloads: readonly Workload[],
  choices: RunChoices,
  redisUrl: string | undefined,
): Promise<ScenarioPlan[]> {
  const said = workloads.map((workload) => ({ workload, options: scenarioOptions(workload) }));
  const wanted = new Set(said.flatMap(({ options }) => options.backplanes ?? DEFAULT_BACKPLANE_IDS));
  const usable = await usableBackplanes(choices.backplanes, { otherwise: [...wanted], redisUrl });
  return said.map(({ workload, options }) => {
    const transports = choices.transports ?? options.transports ?? TRANSPORT_IDS;
    const otherwise = options.backplanes ?? DEFAULT_BACKPLANE_IDS.filter((id) => isGoodForSome(id, transports));
    const backplanes = choices.backplanes ?? otherwise.filter((id) => usable.includes(id));
    // A file that names its transports too asks for what they must have.
    const isWhole = choices.transports === undefined && options.transports !== undefined;
    const values = isWhole ? { asked: { ...options.preset, ...choices.asked } } : { preset: options.preset };
    return planScenario(workload, { ...choices, transports, backplanes, ...values });
  });
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
  readonly choices: RunChoices;
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
    onPhase: (spec, phase) => progress.phase(spec, phase),
    onTrial: (trial) => progress.say(trialLine(trial, plan.workload, measuredLine)),
  });
  return writeAll(outcome, choices.out, (line) => progress.say(line));
}

function measuredLine(trial: MeasuredTrial): string {
  const { staleness } = trial.histograms;
  const histogram = staleness === undefined ? undefined : Histogram.from(staleness);
  const p50 = histogram === undefined ? 'no deliveries' : `staleness p50 ${formatDuration(histogram.percentileNs(50))}`;
  const faults = auditFaults(trial.audit);
  return `${p50}, audit ${faults === 0 ? 'ok' : `${faults} faults`}${trial.partial ? ', partial' : ''}`;
}

function printPlan(plans: readonly ScenarioPlan[]): void {
  for (const { workload, trials, left } of plans) {
    print(`${workload.name}: ${workload.description}`);
    print(`  ${planText(workload, trials)}`);
    for (const trial of trials) print(`  - ${trialName(trial, workload)}`);
    for (const reason of left) print(`  - left out: ${reason}`);
  }
  const count = plans.reduce((sum, plan) => sum + plan.trials.length, 0);
  print(
    `${count} ${count === 1 ? 'trial' : 'trials'}, about ${formatDuration(estimateNs(plans))}; Ctrl-C ends with what is measured by then`,
  );
}

function planText({ clients, feed, payload, durationNs }: Workload, trials: ScenarioPlan['trials']): string {
  const [{ warmUpNs } = { warmUpNs: 0 }] = trials;
  const rate = `${feed.messagesPerSecond} messages/s (${feed.kind}) of ${payload.bytes} B`;
  const times = `${chosen(formatDuration(warmUpNs))} of warm-up, ${chosen(formatDuration(durationNs))} measured`;
  return `${clients} clients, ${rate}, ${times}`;
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
