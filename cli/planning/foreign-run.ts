import type { Command, Option } from 'commander';
import { Failure } from '../../scenarios/failures.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { fitBudget } from '../../load/budget.ts';
import { type KnownServer, knowServer } from '../../load/foreign/foreign-server.ts';
import { rehearseApart } from '../../load/foreign/apart/ask-adapter.ts';
import { checkConsent, loadLines, planForeign } from './foreign-plan.ts';
import type { CampaignPlan } from '../../load/campaign/campaign-plan.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { shareTime } from '../../load/time-share.ts';
import { print } from '../terminal.ts';
import type { RunChoices } from './run-plans.ts';
import { MOST_BLOCKS, NAMED_NS } from './usual-time.ts';

type ForeignChoice = NonNullable<RunChoices['foreign']>;

/** What would be measured of somebody's own server, and what it would get. */
export interface ForeignRun {
  readonly plans: ScenarioPlan[];
  readonly known: KnownServer;
}

const ONCE = { blocks: 1, budgetNs: undefined, target: undefined };

/** Not a word is said to the server. Throws a Failure where it cannot be measured so. */
export async function planForeignRun(choices: RunChoices, { address, adapter }: ForeignChoice): Promise<ForeignRun> {
  const { scenarios, course = ONCE, asked } = choices;
  if (scenarios.length === 0)
    throw new Failure('usage', '--target: name a scenario whose feed is to go through it, such as ticker');
  const known = await knowServer(address, adapter);
  const chosen = { ...choices, known, course, pollIntervalsNs: asked.pollIntervalNs };
  const plans = scenarios.map((name) => planForeign(loadWorkload(name), chosen));
  return { known, plans: inTime(plans, choices) };
}

function inTime(plans: ScenarioPlan[], { course }: RunChoices): ScenarioPlan[] {
  if (course === undefined) return shareTime(plans, { timeNs: plans.length * NAMED_NS, mostBlocks: MOST_BLOCKS });
  return course.budgetNs === undefined ? plans : fitBudget(plans, course.budgetNs);
}

/** Says what the server will get, where it may be loaded, and has one message go all the way. Throws a Failure where that is not so. */
export async function beginForeignRun(
  { known, plans }: { readonly known: KnownServer; readonly plans: readonly CampaignPlan[] },
  { isAllowed }: Pick<ForeignChoice, 'isAllowed'>,
): Promise<void> {
  checkConsent(plans, known.server, isAllowed);
  for (const line of loadLines(plans, known.server)) print(line);
  await rehearseApart(known.server);
}

/** What may be asked for beside a server that is not ours; all else is of nodes. */
const BESIDE_TARGET: ReadonlySet<string> = new Set([
  'target',
  'adapter',
  'iMayLoadThisHost',
  'clients',
  'trials',
  'budget',
  'duration',
  'warmUp',
  'seed',
  'poll',
  'out',
]);

/** Throws `usage` where something was asked for that only nodes of feedbench have. */
export function refuseBesideTarget(options: readonly Option[], command: Command): void {
  const strange = options.filter(
    (option) =>
      !BESIDE_TARGET.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (strange.length === 0) return;
  const names = strange.map((option) => option.long ?? option.flags).join(', ');
  throw new Failure(
    'usage',
    `--target: leave out ${names}, which the nodes of feedbench have: a server of your own is as it is`,
  );
}
