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
import { usableBackplanes } from '../machine.ts';

export interface RunChoices extends Omit<PlanChoices, 'transports' | 'backplanes'> {
  /** Empty: all of them. */
  readonly scenarios: readonly string[];
  /** Undefined: those of the scenario, or else all. */
  readonly transports: readonly TransportId[] | undefined;
  /** Undefined: those of the scenario, or else all that this machine can run. */
  readonly backplanes: readonly BackplaneId[] | undefined;
  readonly out: string;
}

/** What a run would measure, a plan a scenario. Throws a Failure where that cannot be. */
export async function planRun(choices: RunChoices, redisUrl: string | undefined): Promise<ScenarioPlan[]> {
  const names = choices.scenarios.length === 0 ? workloadNames() : choices.scenarios;
  const workloads = names.map((name) => loadWorkload(name));
  const plans = await planAll(workloads, choices, redisUrl);
  const { budgetNs } = choices.course;
  return budgetNs === undefined ? plans : fitBudget(plans, budgetNs);
}

/** What the command line does not say, the scenario says; what neither of them says is as usual. */
async function planAll(
  workloads: readonly Workload[],
  choices: RunChoices,
  redisUrl: string | undefined,
): Promise<ScenarioPlan[]> {
  const said = workloads.map((workload) => ({ workload, options: scenarioOptions(workload) }));
  const wanted = new Set(
    said.flatMap(({ options }) => options.flatMap((entry) => entry.backplanes ?? DEFAULT_BACKPLANE_IDS)),
  );
  const usable = await usableBackplanes(choices.backplanes, { otherwise: [...wanted], redisUrl });
  return said.map(({ workload, options }) => {
    const sets = options
      .map((entry) => variantChoices(entry, choices, usable))
      .filter(({ backplanes }) => backplanes.length > 0);
    const [first, ...beside] = sets;
    const none = { transports: choices.transports ?? TRANSPORT_IDS, backplanes: [], asked: choices.asked };
    return planScenario(workload, { ...choices, ...(first ?? none), beside });
  });
}

function variantChoices(entry: ScenarioOptions, choices: RunChoices, usable: readonly BackplaneId[]): VariantChoices {
  const transports = choices.transports ?? entry.transports ?? TRANSPORT_IDS;
  const otherwise = entry.backplanes ?? DEFAULT_BACKPLANE_IDS.filter((id) => isGoodForSome(id, transports));
  const backplanes = choices.backplanes ?? otherwise.filter((id) => usable.includes(id));
  // A file that names its transports too asks for what they must have.
  const isWhole = choices.transports === undefined && entry.transports !== undefined;
  return isWhole
    ? { transports, backplanes, asked: { ...entry.preset, ...choices.asked } }
    : { transports, backplanes, asked: choices.asked, preset: entry.preset };
}
