import { Failure } from '../../scenarios/failures.ts';
import { disturbsRedis, faultText } from '../../scenarios/faults.ts';
import { cutsConnections } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { loadWorkload, type Workload, workloadNames } from '../../scenarios/feed/workload.ts';
import {
  type BackplaneId,
  DEFAULT_BACKPLANE_IDS,
  isGoodForSome,
  TRANSPORT_IDS,
  type TransportId,
} from '../../servers/registry.ts';
import { fitBudget } from '../../load/budget.ts';
import { type PlanChoices, planScenario, type ScenarioPlan } from '../../load/plan.ts';
import { type ScenarioOptions, scenarioOptions } from '../../load/scenario-options.ts';
import type { VariantChoices } from '../../load/variants.ts';
import { countOf } from '../../reports/figures/wording.ts';
import { usableBackplanes } from '../machine.ts';

export interface RunChoices extends Omit<PlanChoices, 'transports' | 'backplanes'> {
  /** Empty: all of them. */
  readonly scenarios: readonly string[];
  /** Undefined: those of the scenario, or else all. */
  readonly transports: readonly TransportId[] | undefined;
  /** Undefined: those of the scenario, or else all that this machine can run. */
  readonly backplanes: readonly BackplaneId[] | undefined;
  /** Also what the scenarios leave out. */
  readonly everything: boolean;
  readonly out: string;
}

interface RedisToUse {
  /** The user's own; undefined: one that is started for each trial. */
  readonly redisUrl: string | undefined;
  /** Whether the user's own is looked for. */
  readonly isTried: boolean;
}

/** What a run would measure, a plan a scenario. Throws a Failure where that cannot be. */
export async function planRun(choices: RunChoices, redis: RedisToUse): Promise<ScenarioPlan[]> {
  const workloads =
    choices.scenarios.length === 0
      ? workloadNames()
          .map((name) => loadWorkload(name))
          .filter(({ onDemand }) => onDemand !== true || choices.everything)
      : choices.scenarios.map((name) => loadWorkload(name));
  const plans = await planAll(workloads, choices, redis);
  checkRedisFaults(plans, redis);
  const { budgetNs } = choices.course;
  return budgetNs === undefined ? plans : fitBudget(plans, budgetNs);
}

/** A Redis of the user's is not ours to strike. */
function checkRedisFaults(plans: readonly ScenarioPlan[], { redisUrl }: RedisToUse): void {
  if (redisUrl === undefined) return;
  const fault = plans.flatMap(({ workload }) => workload.faults).find((one) => disturbsRedis([one]));
  if (fault === undefined) return;
  throw new Failure('usage', `${faultText(fault)}: the Redis of REDIS_URL is not ours to strike; unset REDIS_URL`);
}

/** What the command line does not say, the scenario says; what neither of them says is as usual. */
async function planAll(
  workloads: readonly Workload[],
  choices: RunChoices,
  redis: RedisToUse,
): Promise<ScenarioPlan[]> {
  const said = workloads.map((workload) => ({
    workload,
    options: scenarioOptions(choices.everything ? unnarrowed(workload) : workload),
  }));
  const wanted = new Set(
    said.flatMap(({ options }) => options.flatMap((entry) => entry.backplanes ?? DEFAULT_BACKPLANE_IDS)),
  );
  const usable = await usableBackplanes(choices.backplanes, { ...redis, otherwise: [...wanted] });
  return said.map(({ workload, options }) => {
    const plan = planSets(workload, options, { choices, usable });
    const all = planSets(workload, scenarioOptions(unnarrowed(workload)), { choices, usable });
    const more = all.cells.length - plan.cells.length;
    if (more <= 0) return plan;
    const reason = `${countOf(more, 'variant')} that the scenario does not name; --everything measures all, as make bench-full does`;
    return { ...plan, left: [...plan.left, reason] };
  });
}

/** Without what it leaves out. How clients come back whom it has cut off is no narrowing: without it there is nothing to measure. */
function unnarrowed({ name, feed, options = [] }: Workload): Pick<Workload, 'name' | 'options'> {
  const ways = options.flatMap(({ reconnect }) => reconnect ?? []);
  return cutsConnections(feed) && ways.length > 0 ? { name, options: [{ reconnect: ways.join(',') }] } : { name };
}

function planSets(
  workload: Workload,
  options: readonly ScenarioOptions[],
  { choices, usable }: { choices: RunChoices; usable: readonly BackplaneId[] },
): ScenarioPlan {
  const sets = options.map((entry) => variantChoices(entry, choices, usable));
  // Of the sets of variants that a scenario names, a choice may leave some without any.
  const [first = sets[0], ...beside] = sets.filter(isSomething);
  const none = { transports: choices.transports ?? TRANSPORT_IDS, backplanes: [], asked: choices.asked };
  const own = first === undefined || first.backplanes.length === 0 ? none : first;
  if (own === none && choices.backplanes === undefined && usable.length === 0) {
    throw new Failure(
      'missing-program',
      `scenario ${workload.name} runs over Redis, and there is no redis-server: install it (apt-get install redis-server, or brew install redis), set REDIS_URL, or choose --backplane memory`,
    );
  }
  return planScenario(workload, { ...choices, ...own, beside });
}

function isSomething({ transports, backplanes }: VariantChoices): boolean {
  return backplanes.some((id) => isGoodForSome(id, transports));
}

/** Those that were chosen, as far as an entry that names some has them; where it has none of them, all that were chosen. */
function transportsOf(entry: ScenarioOptions, { transports }: RunChoices): readonly TransportId[] {
  if (transports === undefined) return entry.transports ?? TRANSPORT_IDS;
  const named = transports.filter((id) => entry.transports?.includes(id) ?? true);
  return named.length > 0 ? named : transports;
}

function variantChoices(entry: ScenarioOptions, choices: RunChoices, usable: readonly BackplaneId[]): VariantChoices {
  const transports = transportsOf(entry, choices);
  const otherwise = entry.backplanes ?? DEFAULT_BACKPLANE_IDS.filter((id) => isGoodForSome(id, transports));
  const backplanes = choices.backplanes ?? otherwise.filter((id) => usable.includes(id));
  // A file that names its transports too asks for what they must have.
  const isWhole = choices.transports === undefined && entry.transports !== undefined;
  return isWhole
    ? { transports, backplanes, asked: { ...entry.preset, ...choices.asked } }
    : { transports, backplanes, asked: choices.asked, preset: entry.preset };
}
