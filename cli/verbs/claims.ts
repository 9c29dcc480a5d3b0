import { join } from 'node:path';
import { Failure, FAILURES } from '../../scenarios/failures.ts';
import { type Claims, CLAIMS_SCHEMA } from '../../scenarios/result/claims.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { formatDuration, NS_PER_SECOND } from '../../scenarios/units.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import { campaignEstimateNs } from '../../load/campaign/campaign-length.ts';
import { PROBE_IDS, PROBES } from '../../load/claims/probes.ts';
import { runProbe } from '../../load/claims/run-probes.ts';
import { requireRedis, takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { describeEnvironment } from '../../load/machine/environment.ts';
import { openScratch } from '../../load/machine/scratch.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { checkPorts } from '../../load/ports.ts';
import { scenarioOptions } from '../../load/scenario-options.ts';
import { createResultFile, type ResultFile } from '../../load/result-file.ts';
import { networkOpener, runScenario, surroundingsFor } from '../../load/run.ts';
import { CLAIM_RUNS, type ClaimRun } from '../../reports/claims/figure-keys.ts';
import { claimsText } from '../../reports/claims/claims-text.ts';
import { takenOfRun } from '../../reports/claims/judged-claims.ts';
import { CLAIMS_FILE, writeClaims } from '../../reports/claims/write-claims.ts';
import { countOf } from '../../reports/figures/wording.ts';
import { RESULT_FILE } from '../../reports/read-result.ts';
import { buildReport } from '../../reports/report/report.ts';
import { writeReports, writeRunIndex } from '../../reports/write-reports.ts';
import { planRun } from '../planning/run-plans.ts';
import { type Progress, showProgress } from '../progress.ts';
import { contextOf } from '../running/session.ts';
import { stopOnSignals } from '../signals.ts';
import { complain, print, printText, stderr, stdout } from '../terminal.ts';

export interface ClaimsChoices {
  readonly trials: number;
  readonly seed: number;
  readonly out: string;
  readonly command: string;
}

const WORKLOADS = join(import.meta.dirname, '..', '..', 'scenarios', 'claims');
const RUNS_FOLDER = 'runs';
const WARM_UP_NS = NS_PER_SECOND;
const FALLBACK_COLUMNS = 100;

/** Measures what claims rest on, and says of each whether it holds; returns the exit code. */
export async function claims(choices: ClaimsChoices): Promise<number> {
  const redisUrl = takeRedisUrl();
  const { plans, unplanned } = await plansOf(choices, redisUrl);
  await checkPorts(
    plans.flatMap(({ plan }) => plan.cells),
    networkOpener(redisUrl),
  );
  await requireScratch();
  print(lengthText(plans));
  const file = await createResultFile<Claims>({
    out: choices.out,
    subject: 'claims',
    at: new Date(),
    name: CLAIMS_FILE,
  });
  const progress = showProgress(
    plans.map(({ plan }) => plan),
    stderr,
  );
  const stop = stopOnSignals((line) => progress.say(line));
  const measuring = new Measuring({ choices, redisUrl, stop, progress, file });
  for (const { run, failure } of unplanned) measuring.lacks(run, failure);
  try {
    await measuring.probes();
    for (const planned of plans) await measuring.run(planned);
  } finally {
    progress.end();
  }
  return conclude(await measuring.result(), { choices, file, measuring });
}

/** No probe and no trial can do without: better known before all of them. */
async function requireScratch(): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  await openScratch(cleanup);
}

interface PlannedRun {
  readonly run: ClaimRun;
  readonly plan: ScenarioPlan;
}

interface Plans {
  readonly plans: readonly PlannedRun[];
  readonly unplanned: readonly { readonly run: ClaimRun; readonly failure: Failure }[];
}

/** Where there is no Redis, the run over it has nothing to measure, and the others have all the same. */
async function plansOf({ trials, seed, out }: ClaimsChoices, redisUrl: string | undefined): Promise<Plans> {
  const plans: PlannedRun[] = [];
  const unplanned: { run: ClaimRun; failure: Failure }[] = [];
  const lacksRedis = redisUrl === undefined ? whyNoRedis() : undefined;
  for (const run of CLAIM_RUNS) {
    if (lacksRedis !== undefined && needsRedis(run)) {
      unplanned.push({ run, failure: lacksRedis });
      continue;
    }
    const choices = {
      scenarios: [workloadPath(run)],
      transports: undefined,
      backplanes: undefined,
      generators: ['native' as const],
      asked: {},
      clients: undefined,
      durationNs: undefined,
      warmUpNs: WARM_UP_NS,
      seed,
      course: { blocks: trials, budgetNs: undefined, target: undefined },
      everything: false,
      out,
    };
    for (const plan of await planRun(choices, { redisUrl, isTried: true }))
      plans.push({ run, plan: withoutCopy(plan) });
  }
  return { plans, unplanned };
}

function workloadPath(run: ClaimRun): string {
  return join(WORKLOADS, `${run}.json`);
}

function whyNoRedis(): Failure | undefined {
  try {
    requireRedis();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function needsRedis(run: ClaimRun): boolean {
  return scenarioOptions(loadWorkload(workloadPath(run))).every(
    ({ backplanes = [] }) => backplanes.length > 0 && backplanes.every((id) => BACKPLANES[id].needsRedis),
  );
}

/** Nothing is ranked here: variants are held against bounds, and a copy would be one more trial in each block. */
function withoutCopy(plan: ScenarioPlan): ScenarioPlan {
  return { ...plan, cells: plan.cells.filter(({ copy }) => !copy) };
}

function lengthText(plans: readonly PlannedRun[]): string {
  const trialsNs = plans.reduce((sum, { plan }) => sum + campaignEstimateNs(plan), 0);
  const probesNs = PROBE_IDS.reduce((sum, id) => sum + PROBES[id].seconds * NS_PER_SECOND, 0);
  return `${countOf(PROBE_IDS.length, 'probe')} and ${countOf(plans.length, 'run')} of trials, about ${formatDuration(trialsNs + probesNs)}; Ctrl-C ends with what is measured by then`;
}

interface MeasuringOptions {
  readonly choices: ClaimsChoices;
  readonly redisUrl: string | undefined;
  readonly stop: AbortSignal;
  readonly progress: Progress;
  readonly file: ResultFile<Claims>;
}

type Source = (typeof PROBE_IDS)[number] | ClaimRun;

/** What is measured by and by. */
class Measuring {
  readonly #options: MeasuringOptions;
  readonly #startedAt = new Date().toISOString();
  readonly #runs: Claims['runs'] = [];
  readonly #missing = new Map<Source, string>();
  readonly #done = new Set<Source>();
  #figures: Claims['figures'] = {};
  /** The first thing of the world that stood in the way. */
  failure: Failure | undefined;
  /** Nothing more can be kept. */
  #isLost = false;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  async probes(): Promise<void> {
    const { progress, redisUrl, stop } = this.#options;
    for (const id of PROBE_IDS) {
      if (stop.aborted || this.#isLost) return;
      progress.say(`measuring ${PROBES[id].label}`);
      const probed = await runProbe(id, { redisUrl, stop });
      if (probed === undefined) return;
      this.#done.add(id);
      if (probed.kind === 'failed') this.lacks(id, probed.failure);
      else
        for (const [key, values] of Object.entries(probed.figures))
          this.#figures = { ...this.#figures, [key]: { values: [...values], disturbed: [], by: null } };
      await this.#keep();
    }
  }

  async run({ run, plan }: PlannedRun): Promise<void> {
    const { choices, progress, stop, file } = this.#options;
    if (stop.aborted || this.#isLost) return;
    const out = join(file.folder, RUNS_FOLDER);
    const place = { out, subject: plan.workload.name, at: new Date(), name: RESULT_FILE };
    const kept = await createResultFile<Result>(place).catch((error: unknown) => this.#failed(run, error));
    if (kept === undefined) return;
    const session = { ...this.#options, command: choices.command, out };
    const { result, failure } = await runScenario(plan, contextOf(session, kept, plan.workload));
    if (failure !== undefined) this.lacks(run, failure);
    if (result === undefined) return;
    for (const trial of result.trials)
      if (trial.state === 'failed') this.lacks(run, new Failure(trial.code, trial.message));
    if (!stop.aborted) this.#done.add(run);
    this.#figures = { ...this.#figures, ...takenOfRun(run, buildReport(result)) };
    const folder = `${RUNS_FOLDER}/${kept.id}`;
    this.#runs.push({ name: plan.workload.name, description: plan.workload.description, folder });
    await this.#keep();
    try {
      writeReports(kept.folder, result);
    } catch (error) {
      this.#failed(run, error);
    }
    progress.say(`measured: ${plan.workload.description}`);
  }

  /** What stood in the way, a line each. */
  get troubles(): string[] {
    return [...this.#missing].map(([source, reason]) => `${labelOf(source)} could not be measured: ${reason}`);
  }

  async result(): Promise<Claims> {
    const { choices, stop, redisUrl, file } = this.#options;
    const { placement } = surroundingsFor({ redisUrl, stop });
    const absent = [...PROBE_IDS, ...CLAIM_RUNS].filter((source) => !this.#done.has(source));
    const stopped = absent.map((source) => [source, 'stopped before its turn; run again'] as const);
    return {
      schema: CLAIMS_SCHEMA,
      id: file.id,
      startedAt: this.#startedAt,
      endedAt: new Date().toISOString(),
      partial: absent.length > 0,
      command: choices.command,
      seed: choices.seed,
      environment: await describeEnvironment(placement),
      runs: this.#runs,
      figures: this.#figures,
      missing: Object.fromEntries([...stopped, ...this.#missing]),
    };
  }

  /** After each part: whatever ends the program, what it had is there. */
  async #keep(): Promise<void> {
    const failure = await this.#options.file.trySaving(await this.result());
    if (failure === undefined) return;
    this.failure ??= failure;
    this.#isLost = true;
  }

  lacks(source: Source, failure: Failure): void {
    this.failure ??= failure;
    if (!this.#missing.has(source)) this.#missing.set(source, failure.message);
  }

  #failed(source: Source, error: unknown): undefined {
    if (!(error instanceof Failure)) throw error;
    this.lacks(source, error);
  }
}

function labelOf(source: Source): string {
  return source in PROBES ? PROBES[source as keyof typeof PROBES].label : `the run ${source}`;
}

interface Ending {
  readonly choices: ClaimsChoices;
  readonly file: ResultFile<Claims>;
  readonly measuring: Measuring;
}

async function conclude(measured: Claims, { choices, file, measuring }: Ending): Promise<number> {
  if (Object.keys(measured.figures).length === 0) {
    await file.discard();
    complain(measuring.failure?.message ?? 'stopped before anything was measured, so there is no report');
    return (measuring.failure ?? FAILURES.interrupted).exitCode;
  }
  // Before anything is written: a disk that is full by now takes nothing from what was measured.
  printText(claimsText(measured, stdout.columns ?? FALLBACK_COLUMNS));
  for (const line of measuring.troubles) complain(line);
  await file.save(measured);
  print(`Report: ${writeClaims(file.folder, measured)}`);
  const { unlinked } = writeRunIndex(choices.out);
  if (unlinked !== undefined) complain(unlinked);
  print(`All runs: ${join(choices.out, 'index.html')}`);
  if (measured.partial && measuring.failure === undefined) return FAILURES.interrupted.exitCode;
  return measuring.failure?.exitCode ?? 0;
}
