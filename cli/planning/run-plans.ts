import { DIMENSIONS } from '../../scenarios/dimensions.ts';
import { Failure } from '../../scenarios/failures.ts';
import { disturbsRedis, faultText } from '../../scenarios/faults.ts';
import { MOST_COMMAND_BYTES } from '../../scenarios/feed/command.ts';
import { cutsConnections, isSaidByClients } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { clientsPayload } from '../../scenarios/feed/kinds/said-data.ts';
import { loadWorkload, type Workload, workloadNames } from '../../scenarios/feed/workload.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { type BackplaneId, BACKPLANES, DEFAULT_BACKPLANE_IDS, isGoodForSome } from '../../servers/backplanes.ts';
import { TRANSPORT_IDS, type TransportId } from '../../servers/registry.ts';
import { fitBudget } from '../../load/budget.ts';
import { campaignEstimateNs, plannedBlocks } from '../../load/campaign/campaign-length.ts';
import type { Course } from '../../load/campaign/campaign-plan.ts';
import { type PlanChoices, planScenario, type ScenarioPlan } from '../../load/plan.ts';
import { type ScenarioOptions, scenarioOptions } from '../../load/scenario-options.ts';
import { inBlocks, shareTime, transportsIn } from '../../load/time-share.ts';
import type { VariantChoices } from '../../load/variants.ts';
import { countOf } from '../../reports/figures/wording.ts';
import { usableBackplanes, withUsableBalancers } from '../machine.ts';
import { complain } from '../terminal.ts';
import { MOST_BLOCKS, NAMED_NS, WHOLE_NS } from './usual-time.ts';

export interface RunChoices extends Omit<PlanChoices, 'transports' | 'backplanes' | 'course'> {
  /** A server of the user's own, instead of nodes; undefined: nodes. */
  readonly foreign?: ForeignChoice | undefined;
  /** Empty: all of them. */
  readonly scenarios: readonly string[];
  /** Undefined: those of the scenario, or else all. */
  readonly transports: readonly TransportId[] | undefined;
  /** Undefined: those of the scenario, or else all that this machine can run. */
  readonly backplanes: readonly BackplaneId[] | undefined;
  /** Also what the scenarios leave out. */
  readonly everything: boolean;
  /** Undefined: as often as there is time for. */
  readonly course: Course | undefined;
  readonly out: string;
}

interface ForeignChoice {
  readonly address: string;
  /** Path of the adapter. */
  readonly adapter: string;
  /** The user says that a machine which is not this one may be loaded. */
  readonly isAllowed: boolean;
}

interface RedisToUse {
  /** The user's own; undefined: one that is started for each trial. */
  readonly redisUrl: string | undefined;
  /** Whether the user's own is looked for. */
  readonly isTried: boolean;
}

/** What a run would measure, a plan a scenario. Throws a Failure where that cannot be. */
export async function planRun(asked: RunChoices, redis: RedisToUse): Promise<ScenarioPlan[]> {
  const choices = { ...asked, asked: withUsableBalancers(asked.asked) };
  const { scenarios, course = ONCE } = choices;
  const names = scenarios.length === 0 ? workloadNames() : scenarios;
  const workloads = names.map(loadChecked);
  const plans = await planAll(workloads, { ...choices, course }, redis);
  checkRedisFaults(plans, redis);
  if (choices.course === undefined)
    return oftenestFirst(shareTime(plans, { timeNs: usualTimeNs(scenarios.length), mostBlocks: MOST_BLOCKS }));
  return course.budgetNs === undefined ? plans : fitBudget(plans, course.budgetNs);
}

/** A command with its names and numbers around the data of a message. */
const COMMAND_ROOM_BYTES = 512;

/** What clients say goes in commands, which nodes take up to a size. */
function loadChecked(nameOrPath: string): Workload {
  const workload = loadWorkload(nameOrPath);
  const most = MOST_COMMAND_BYTES - COMMAND_ROOM_BYTES;
  const { bytes } = clientsPayload(workload);
  if (!isSaidByClients(workload.feed) || bytes <= most) return workload;
  // Where clients have no messages of their own, theirs are those of all.
  const path = clientsPayload(workload) === workload.payload ? 'payload.bytes' : 'feed.clientsPayload.bytes';
  throw new Failure('usage', `${nameOrPath}: ${path}: what clients say has ${most} bytes at most, not ${bytes}`);
}

function usualTimeNs(named: number): number {
  return named === 0 ? WHOLE_NS : named * NAMED_NS;
}

const ONCE: Course = { blocks: 1, budgetNs: undefined, target: undefined };

/** How much trials of one thing differ is what single ones are held against. */
function oftenestFirst(plans: readonly ScenarioPlan[]): ScenarioPlan[] {
  return plans.toSorted((a, b) => plannedBlocks(b) - plannedBlocks(a) || transportsIn(b) - transportsIn(a));
}

/** A Redis of the user's is not ours to strike. */
function checkRedisFaults(plans: readonly ScenarioPlan[], { redisUrl }: RedisToUse): void {
  if (redisUrl === undefined) return;
  const fault = plans.flatMap(({ workload }) => workload.faults).find((one) => disturbsRedis([one]));
  if (fault === undefined) return;
  throw new Failure('usage', `${faultText(fault)}: the Redis of REDIS_URL is not ours to strike; unset REDIS_URL`);
}

type SettledChoices = RunChoices & { readonly course: Course };

/** What the command line does not say, the scenario says; what neither of them says is as usual. */
async function planAll(
  workloads: readonly Workload[],
  choices: SettledChoices,
  redis: RedisToUse,
): Promise<ScenarioPlan[]> {
  const said = workloads.map((workload) => ({
    workload,
    options: scenarioOptions(choices.everything ? widened(workload) : workload).map((entry) => onNodes(entry, choices)),
  }));
  const wanted = new Set(
    said.flatMap(({ options }) => options.flatMap((entry) => entry.backplanes ?? DEFAULT_BACKPLANE_IDS)),
  );
  const usable = await usableBackplanes(choices.backplanes, { ...redis, otherwise: [...wanted] });
  const planOne = ({ workload, options }: (typeof said)[number]): ScenarioPlan => {
    const plan = planSets(workload, options, { choices, usable });
    const widest = scenarioOptions(widened(workload)).map((entry) => onNodes(entry, choices));
    const all = planSets(workload, widest, { choices, usable });
    const more = all.cells.length - plan.cells.length;
    const text = `${countOf(more, 'variant')} that the scenario does not name; ${wholeText(all)}`;
    return more > 0 ? { ...plan, left: [...plan.left, text] } : plan;
  };
  return choices.scenarios.length > 0 ? said.map(planOne) : whatCanBe(said, planOne);
}

/** Where a balancer is asked for, and no backplane, there are several nodes for it to balance. */
function onNodes(entry: ScenarioOptions, { asked, backplanes }: RunChoices): ScenarioOptions {
  const isBalanced = asked.balancer?.some((id) => id !== DIMENSIONS.balancer.usual) ?? false;
  if (!isBalanced || backplanes !== undefined) return entry;
  const several = (entry.backplanes ?? DEFAULT_BACKPLANE_IDS).filter((id) => BACKPLANES[id].needsRedis);
  return { ...entry, backplanes: several.length > 0 ? several : ['redis'] };
}

/** Of scenarios that nobody named those that cannot be measured so are left out, and it is said why; not all of them. */
function whatCanBe<Said>(said: readonly Said[], planOne: (one: Said) => ScenarioPlan): ScenarioPlan[] {
  const refusals: Failure[] = [];
  const plans = said.flatMap((one) => {
    try {
      return [planOne(one)];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refusals.push(error);
      return [];
    }
  });
  const [first] = refusals;
  if (plans.length === 0 && first !== undefined) throw first;
  for (const { message } of refusals) complain(`left out: ${message}`);
  return plans;
}

function wholeText(all: ScenarioPlan): string {
  const length = formatDuration(campaignEstimateNs(inBlocks(all, MOST_BLOCKS)));
  return `--everything measures all, in about ${length}`;
}

/** With what it leaves out. How clients come back whom it has cut off is no narrowing: without it there is nothing to measure. */
function widened({ name, feed, faults, options = [] }: Workload): Pick<Workload, 'name' | 'options'> {
  const ways = options.flatMap(({ reconnect }) => reconnect ?? []);
  const isCut = cutsConnections(feed) || faults.length > 0;
  return { name, options: [...options, isCut && ways.length > 0 ? { reconnect: ways.join(',') } : {}] };
}

function planSets(
  workload: Workload,
  options: readonly ScenarioOptions[],
  { choices, usable }: { choices: SettledChoices; usable: readonly BackplaneId[] },
): ScenarioPlan {
  const sets = options.map((entry, place) =>
    variantChoices(entry, transportsOf(place, options, choices), { choices, usable }),
  );
  // Of the sets of variants that a scenario names, a choice may leave some without any.
  const [first = sets[0], ...beside] = sets.filter(isSomething);
  const none = { transports: choices.transports ?? TRANSPORT_IDS, backplanes: [], asked: choices.asked };
  const own = first === undefined || first.backplanes.length === 0 ? none : first;
  const named = options.flatMap(({ backplanes }) => backplanes ?? DEFAULT_BACKPLANE_IDS);
  if (own === none && choices.backplanes === undefined && !named.some((id) => usable.includes(id))) {
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

/** Of those that were chosen each entry has the ones that it names; the first one also has those that none of them names. */
function transportsOf(
  place: number,
  options: readonly ScenarioOptions[],
  { transports }: RunChoices,
): readonly TransportId[] {
  const named = options[place]?.transports ?? TRANSPORT_IDS;
  if (transports === undefined) return named;
  const isForeign = (id: TransportId): boolean =>
    options.every((entry) => entry.transports !== undefined && !entry.transports.includes(id));
  return transports.filter((id) => named.includes(id) || (place === 0 && isForeign(id)));
}

function variantChoices(
  { transports: own, backplanes: named, preset }: ScenarioOptions,
  transports: readonly TransportId[],
  { choices, usable }: { choices: RunChoices; usable: readonly BackplaneId[] },
): VariantChoices {
  const otherwise = named ?? DEFAULT_BACKPLANE_IDS.filter((id) => isGoodForSome(id, transports));
  const backplanes = choices.backplanes ?? otherwise.filter((id) => usable.includes(id));
  const together = { transports: own ?? [], backplanes: named ?? [] };
  return { transports, backplanes, asked: choices.asked, preset, named: together };
}
