import { join } from 'node:path';
import type { ClaimFigures } from '../../scenarios/claims/figures.ts';
import { Failure, FAILURES } from '../../scenarios/failures.ts';
import { type Claims, CLAIMS_SCHEMA } from '../../scenarios/result/claims.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { formatDuration, NS_PER_SECOND } from '../../scenarios/units.ts';
import { campaignEstimateNs } from '../../load/campaign/campaign-length.ts';
import { PROBE_IDS, PROBES } from '../../load/claims/probes.ts';
import { runProbe } from '../../load/claims/run-probes.ts';
import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { describeEnvironment } from '../../load/machine/environment.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { checkPorts } from '../../load/ports.ts';
import { createResultFile, type ResultFile } from '../../load/result-file.ts';
import { networkOpener, runScenario, surroundingsFor } from '../../load/run.ts';
import { claimsText } from '../../reports/claims/claims-text.ts';
import { CLAIM_RUNS, figuresOfRun } from '../../reports/claims/run-figures.ts';
import { CLAIMS_FILE, writeClaims } from '../../reports/claims/write-claims.ts';
import { countOf } from '../../reports/figures/wording.ts';
import { RESULT_FILE } from '../../reports/read-result.ts';
import { writeReports, writeRunIndex } from '../../reports/write-reports.ts';
import { planRun } from '../planning/run-plans.ts';
import { type Progress, showProgress } from '../progress.ts';
import { contextOf } from '../running/session.ts';
import { stopOnSignals } from '../signals.ts';
import { complain, print, printText, stderr } from '../terminal.ts';

export interface ClaimsChoices {
  readonly trials: number;
  readonly seed: number;
  readonly out: string;
  readonly command: string;
}

const WORKLOADS = join(import.meta.dirname, '..', '..', 'scenarios', 'claims');
const RUNS_FOLDER = 'runs';
const WARM_UP_NS = NS_PER_SECOND;

/** Measures what claims rest on, and says of each whether it holds; returns the exit code. */
export async function claims(choices: ClaimsChoices): Promise<number> {
  const redisUrl = takeRedisUrl();
  const plans = await plansOf(choices, redisUrl);
  await checkPorts(
    plans.flatMap(({ cells }) => cells),
    networkOpener(redisUrl),
  );
  print(lengthText(plans));
  const file = await createResultFile<Claims>({
    out: choices.out,
    subject: 'claims',
    at: new Date(),
    name: CLAIMS_FILE,
  });
  const progress = showProgress(plans, stderr);
  const stop = stopOnSignals((line) => progress.say(line));
  const measuring = new Measuring({ choices, redisUrl, stop, progress, file });
  try {
    await measuring.probes();
    for (const plan of plans) await measuring.run(plan);
  } finally {
    progress.end();
  }
  return conclude(await measuring.result(plans.length), { choices, file, measuring });
}

async function plansOf({ trials, seed, out }: ClaimsChoices, redisUrl: string | undefined): Promise<ScenarioPlan[]> {
  return planRun(
    {
      scenarios: CLAIM_RUNS.map((name) => join(WORKLOADS, `${name}.json`)),
      transports: undefined,
      backplanes: undefined,
      generators: ['native'],
      asked: {},
      clients: undefined,
      durationNs: undefined,
      warmUpNs: WARM_UP_NS,
      seed,
      course: { blocks: trials, budgetNs: undefined, target: undefined },
      everything: false,
      out,
    },
    { redisUrl, isTried: true },
  );
}

function lengthText(plans: readonly ScenarioPlan[]): string {
  const trialsNs = plans.reduce((sum, plan) => sum + campaignEstimateNs(plan), 0);
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

/** What is measured by and by. */
class Measuring {
  readonly #options: MeasuringOptions;
  readonly #startedAt = new Date().toISOString();
  readonly #runs: Claims['runs'] = [];
  readonly #missing: string[] = [];
  #figures: ClaimFigures = {};
  #probed = 0;
  failure: Failure | undefined;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  async probes(): Promise<void> {
    const { progress, redisUrl, stop } = this.#options;
    for (const id of PROBE_IDS) {
      if (stop.aborted) return;
      progress.say(`measuring ${PROBES[id].label}`);
      const probed = await runProbe(id, { redisUrl, stop });
      if (probed === undefined) return;
      this.#probed += 1;
      if (probed.kind === 'measured') this.#figures = { ...this.#figures, ...probed.figures };
      else this.#lacks(PROBES[id].label, probed.failure);
    }
  }

  async run(plan: ScenarioPlan): Promise<void> {
    const { choices, progress, stop, file } = this.#options;
    if (stop.aborted) return;
    const out = join(file.folder, RUNS_FOLDER);
    const kept = await createResultFile<Result>({
      out,
      subject: plan.workload.name,
      at: new Date(),
      name: RESULT_FILE,
    });
    const session = { ...this.#options, command: choices.command, out };
    const { result, failure } = await runScenario(plan, contextOf(session, kept, plan.workload));
    if (failure !== undefined) this.#lacks(plan.workload.description, failure);
    if (result === undefined) return;
    for (const trial of result.trials)
      if (trial.state === 'failed') this.#lacks(plan.workload.description, new Failure(trial.code, trial.message));
    this.#figures = { ...this.#figures, ...figuresOfRun(result) };
    this.#runs.push({
      name: plan.workload.name,
      description: plan.workload.description,
      folder: `${RUNS_FOLDER}/${kept.id}`,
    });
    writeReports(kept.folder, result);
    progress.say(`measured: ${plan.workload.description}`);
  }

  /** Of so many runs. */
  async result(runs: number): Promise<Claims> {
    const { choices, stop, redisUrl, file } = this.#options;
    const { placement } = surroundingsFor({ redisUrl, stop });
    return {
      schema: CLAIMS_SCHEMA,
      id: file.id,
      startedAt: this.#startedAt,
      endedAt: new Date().toISOString(),
      partial: stop.aborted || this.#runs.length < runs || this.#probed < PROBE_IDS.length,
      command: choices.command,
      seed: choices.seed,
      environment: await describeEnvironment(placement),
      runs: this.#runs,
      figures: Object.fromEntries(Object.entries(this.#figures).map(([id, values]) => [id, [...values]])),
      missing: this.#missing,
    };
  }

  #lacks(what: string, failure: Failure): void {
    this.failure ??= failure;
    const line = `${what}: ${failure.message}`;
    if (!this.#missing.includes(line)) this.#missing.push(line);
  }
}

interface Ending {
  readonly choices: ClaimsChoices;
  readonly file: ResultFile<Claims>;
  readonly measuring: Measuring;
}

async function conclude(measured: Claims, { choices, file, measuring }: Ending): Promise<number> {
  if (Object.keys(measured.figures).length === 0) {
    await file.discard();
    complain('stopped before anything was measured, so there is no report');
    return FAILURES.interrupted.exitCode;
  }
  printText(claimsText(measured));
  for (const reason of measured.missing) complain(reason);
  await file.save(measured);
  print(`Report: ${writeClaims(file.folder, measured)}`);
  const { unlinked } = writeRunIndex(choices.out);
  if (unlinked !== undefined) complain(unlinked);
  print(`All runs: ${join(choices.out, 'index.html')}`);
  if (measured.partial && measuring.failure === undefined) return FAILURES.interrupted.exitCode;
  return measuring.failure?.exitCode ?? 0;
}
