import { monotonicNs } from '../../scenarios/clock.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { shareBudget } from '../../load/budget.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { createResultFile } from '../../load/result-file.ts';
import { checkPorts } from '../../load/ports.ts';
import { networkOpener, type RunOutcome, runScenario } from '../../load/run.ts';
import { RESULT_FILE } from '../../reports/read-result.ts';
import type { CheckChoices } from '../check-options.ts';
import { requirePlanned } from '../checks.ts';
import { boundedStop } from '../planning/foreign-bounds.ts';
import { beginForeignRun, planForeignRun } from '../planning/foreign-run.ts';
import { lengthText, planLines } from '../planning/plan-text.ts';
import { planRun, type RunChoices } from '../planning/run-plans.ts';
import { showProgress } from '../progress.ts';
import { requireGenerators } from '../machine.ts';
import { conclude, printTables } from '../running/conclusion.ts';
import { contextOf, type Session, writeAll } from '../running/session.ts';
import { stopOnSignals } from '../signals.ts';
import { print, stderr } from '../terminal.ts';

interface Run extends RunChoices {
  /** The words that would make this run again. */
  readonly command: string;
  readonly checks: CheckChoices;
}

/** Runs scenarios, writes results and reports; returns the exit code. Throws a Failure where it could not begin. */
export async function run(choices: Run): Promise<number> {
  const redisUrl = takeRedisUrl();
  const { foreign } = choices;
  const own = foreign === undefined ? undefined : await planForeignRun(choices, foreign);
  const plans = own?.plans ?? (await planRun(choices, { redisUrl, isTried: true }));
  requirePlanned(choices.checks, plans);
  const specs = plans.flatMap(({ cells, light }) => [...cells, ...light]);
  await requireGenerators(new Set(specs.map(({ generator }) => generator)));
  await checkPorts(specs, networkOpener(redisUrl));
  for (const line of planLines(plans)) print(line);
  if (own !== undefined && foreign !== undefined) await beginForeignRun(own, foreign);
  print(`${lengthText(plans)}; Ctrl-C ends with what is measured by then`);
  const progress = showProgress(plans, stderr);
  const say = (line: string): void => progress.say(line);
  const stopped = stopOnSignals(say);
  const stop = own === undefined ? stopped : boundedStop(own.known.server.address, { stop: stopped, say });
  const startedNs = monotonicNs();
  const outcomes: RunOutcome[] = [];
  try {
    for (const [index, planned] of plans.entries()) {
      if (stop.aborted || outcomes.some(({ failure }) => failure !== undefined)) break;
      const plan = withWhatIsLeft(plans.slice(index), choices.course?.budgetNs, startedNs) ?? planned;
      outcomes.push(await runOne(plan, { ...choices, redisUrl, stop, progress, ownLabel: own?.known.server.label }));
    }
  } finally {
    progress.end();
    // Also where something stands in the way of a later scenario: what was measured is shown.
    printTables(outcomes);
  }
  return conclude(outcomes, { ...choices, stop });
}

/** The first of the plans, with its share of what is left of a budget: one that ended early has left more. */
function withWhatIsLeft(
  plans: readonly ScenarioPlan[],
  budgetNs: number | undefined,
  startedNs: number,
): ScenarioPlan | undefined {
  return budgetNs === undefined ? plans[0] : shareBudget(plans, budgetNs - (monotonicNs() - startedNs))[0];
}

async function runOne(plan: ScenarioPlan, session: Session): Promise<RunOutcome> {
  const place = { out: session.out, subject: plan.workload.name, at: new Date(), name: RESULT_FILE };
  const file = await createResultFile<Result>(place);
  return writeAll(await runScenario(plan, contextOf(session, file, plan.workload)), session);
}
