import { classOf } from '../../scenarios/carriage.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Failure, FAILURES } from '../../scenarios/failures.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { noiseEntries } from '../../scenarios/result/noise-history.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { type TransportId, TRANSPORTS } from '../../servers/registry.ts';
import { campaignEstimateNs } from '../../load/campaign/campaign-length.ts';
import { thisMachine } from '../../load/machine/environment.ts';
import { addNoise, noisePath, readNoise } from '../../load/machine/noise-file.ts';
import { planScenario, type ScenarioPlan } from '../../load/plan.ts';
import { checkPorts } from '../../load/ports.ts';
import { createResultFile } from '../../load/result-file.ts';
import { networkOpener, runScenario } from '../../load/run.ts';
import { countOf } from '../../reports/figures/wording.ts';
import { RESULT_FILE } from '../../reports/read-result.ts';
import { calibrationLines, noiseLines, shortfallText } from '../../reports/calibration-text.ts';
import { sizeText } from '../../reports/report/answer/phrases.ts';
import { controlRatio, coverageOf } from '../../reports/report/calibration.ts';
import { noiseOf } from '../../reports/report/campaign-noise.ts';
import { buildReport, type Report } from '../../reports/report/report.ts';
import { CAMPAIGN_JUDGE } from '../planning/campaign-judge.ts';
import { keepNoise } from '../planning/machine-history.ts';
import { planLines } from '../planning/plan-text.ts';
import { type Progress, showProgress } from '../progress.ts';
import { stopOnSignals } from '../signals.ts';
import { complain, print, stderr } from '../terminal.ts';

export interface Calibration {
  readonly scenario: string;
  readonly campaigns: number;
  /** No campaign is begun that would not end in it. */
  readonly budgetNs: number;
  /** Of each campaign. */
  readonly blocks: number;
  readonly clients: number | undefined;
  /** Undefined: the scenario's. */
  readonly durationNs: number | undefined;
  readonly warmUpNs: number;
  readonly seed: number;
  readonly out: string;
  readonly command: string;
}

/** One of each class. The control is the first that gets messages at once, because such trials vary most. */
const MEASURED: readonly TransportId[] = ['websocket', 'polling'];
/** Half of the campaigns tell enough of the others, and what all of them measure has its history in half the time. */
const OTHERS_EVERY = 2;

/**
 * Measures campaign after campaign of one thing against itself, keeps what each has shown as this machine's history, and says in how
 * many of them the interval held the truth. Returns the exit code.
 */
export async function calibrate(choices: Calibration): Promise<number> {
  const path = noisePath();
  const plans = plansOf(choices);
  requireRoom(plans, choices.budgetNs);
  // Better known before half an hour of measuring than after it: that it can be read, and written.
  await addNoise(path, []);
  await checkPorts(
    plans.flatMap(({ cells }) => cells),
    networkOpener(undefined),
  );
  for (const line of introduction(plans, choices)) print(line);
  const progress = showProgress(plans, stderr);
  const stop = stopOnSignals((line) => progress.say(line));
  const measured: Measured = { reports: [], failure: undefined };
  try {
    await measureAll(plans, { choices, progress, stop, measured });
  } finally {
    progress.end();
  }
  return conclude(measured, { stop, path });
}

function plansOf(choices: Calibration): ScenarioPlan[] {
  const workload = loadWorkload(choices.scenario);
  const prompt = MEASURED.filter((id) => classOf(TRANSPORTS[id].cadence) === 'prompt');
  return Array.from({ length: choices.campaigns }, (_, index) =>
    planScenario(workload, {
      transports: index % OTHERS_EVERY === 0 ? MEASURED : prompt,
      backplanes: ['memory'],
      generators: ['native'],
      asked: {},
      clients: choices.clients,
      durationNs: choices.durationNs,
      warmUpNs: choices.warmUpNs,
      seed: choices.seed + index,
      course: { blocks: choices.blocks, budgetNs: undefined, target: undefined },
    }),
  );
}

/** Throws `usage` where not even the first campaign would end in the budget. */
function requireRoom([first]: readonly ScenarioPlan[], budgetNs: number): void {
  const takesNs = first === undefined ? 0 : campaignEstimateNs(first);
  if (takesNs <= budgetNs) return;
  throw new Failure(
    'usage',
    `--budget ${formatDuration(budgetNs)} is too short: a campaign takes about ${formatDuration(takesNs)}; choose a longer --budget, a shorter --duration, or fewer --trials`,
  );
}

function introduction(plans: readonly ScenarioPlan[], { budgetNs }: Calibration): string[] {
  const wholeNs = plans.reduce((sum, plan) => sum + campaignEstimateNs(plan), 0);
  const cut = wholeNs > budgetNs ? `, of which ${formatDuration(budgetNs)} have room for some` : '';
  return [
    ...planLines(plans.slice(0, 1)),
    `${countOf(plans.length, 'campaign')}, polling in every other one: about ${formatDuration(wholeNs)}${cut}; Ctrl-C keeps those that are whole by then`,
  ];
}

/** What there is so far, whatever ends it. */
interface Measured {
  readonly reports: Report[];
  failure: Failure | undefined;
}

interface Measuring {
  readonly choices: Calibration;
  readonly progress: Progress;
  readonly stop: AbortSignal;
  readonly measured: Measured;
}

async function measureAll(plans: readonly ScenarioPlan[], measuring: Measuring): Promise<void> {
  const { choices, stop, measured } = measuring;
  const startedNs = monotonicNs();
  let estimatedNs = 0;
  for (const plan of plans) {
    const spentNs = monotonicNs() - startedNs;
    // Where campaigns have taken longer than was thought, the next one will too.
    const slowness = estimatedNs === 0 ? 0 : Math.max(1, spentNs / estimatedNs);
    const takesNs = campaignEstimateNs(plan);
    if (spentNs + slowness * takesNs > choices.budgetNs) break;
    estimatedNs += takesNs;
    const result = await measureCampaign(plan, measuring);
    if (result !== undefined) await keepCampaign(result, measuring);
    if (stop.aborted || measured.failure !== undefined) break;
  }
}

/** One that was cut short tells nothing. */
async function keepCampaign(result: Result, { progress, measured }: Measuring): Promise<void> {
  const report = buildReport(result);
  if (noiseOf(report) === undefined) return;
  measured.reports.push(report);
  progress.say(campaignText(report, measured.reports.length));
  await keepNoise(result, (line) => progress.say(line));
}

async function measureCampaign(
  plan: ScenarioPlan,
  { choices, progress, stop, measured }: Measuring,
): Promise<Result | undefined> {
  const file = await createResultFile<Result>({
    out: choices.out,
    subject: plan.workload.name,
    at: new Date(),
    name: RESULT_FILE,
  });
  const { result, failure } = await runScenario(plan, {
    file,
    command: choices.command,
    redisUrl: undefined,
    stop,
    judge: CAMPAIGN_JUDGE,
    // An interval is held against what its own trials say.
    noise: [],
    onPhase: (spec, phase, outlook) => progress.phase(spec, phase, outlook),
    onTrial: (trial) => {
      if (trial.state === 'failed') progress.say(`a trial failed (${trial.code}): ${trial.message}`);
    },
  });
  measured.failure = failure;
  return result;
}

function campaignText(report: Report, number: number): string {
  const texts = coverageOf([report]).map(({ metric }) => {
    const ratio = controlRatio(report, metric);
    if (ratio?.state !== 'estimated') return `${metric} n/a`;
    return `${metric} ${sizeText(ratio)}`;
  });
  return `campaign ${number}, itself against itself: ${texts.join(', ')}`;
}

function conclude({ reports, failure }: Measured, { stop, path }: { stop: AbortSignal; path: string }): number {
  const coverage = coverageOf(reports);
  if (reports.length > 0) {
    for (const line of calibrationLines(coverage, reports.length)) print(line);
    const entries = failure?.code === 'unreadable' ? [] : noiseEntries(readNoise(path), thisMachine());
    const windows = new Set(reports.map(({ result }) => result.manifest.windowNs));
    for (const line of noiseLines(entries.filter(({ windowNs }) => windows.has(windowNs)))) print(line);
    print(`This machine's history: ${path}`);
  }
  if (failure !== undefined) {
    complain(failure.message);
    return failure.exitCode;
  }
  if (stop.aborted) {
    complain(`stopped: ${countOf(reports.length, 'campaign')} whole by then`);
    return FAILURES.interrupted.exitCode;
  }
  if (reports.length === 0) {
    complain('no campaign is whole, so nothing is known of this machine');
    return FAILURES.calibration.exitCode;
  }
  const shortfall = shortfallText(coverage);
  if (shortfall === undefined) return 0;
  complain(shortfall);
  return FAILURES.calibration.exitCode;
}
