import { Failure } from '../../scenarios/failures.ts';
import { isAddressed, isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { withoutSecrets } from '../../scenarios/printable.ts';
import type { Workload } from '../../scenarios/feed/workload.ts';
import { formatBytes, formatDuration, significant } from '../../scenarios/units.ts';
import { cadenceOf } from '../../servers/registry.ts';
import type { ForeignServer } from '../../load/generator.ts';
import { campaignEstimateNs } from '../../load/campaign/campaign-length.ts';
import type { CampaignPlan, Course } from '../../load/campaign/campaign-plan.ts';
import { MOST_CLIENTS_OUTSIDE, MOST_NS_OUTSIDE } from './foreign-bounds.ts';
import type { KnownServer } from '../../load/foreign/foreign-server.ts';
import { checkDescriptors } from '../../load/machine/descriptors.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import type { TrialSpec } from '../../load/trial-spec.ts';
import type { PlannedVariant } from '../../load/variants.ts';

export interface ForeignChoices {
  readonly known: KnownServer;
  readonly clients: number | undefined;
  readonly durationNs: number | undefined;
  /** Of who polls; undefined: that of the scenario. */
  readonly pollIntervalsNs: readonly number[] | undefined;
  readonly warmUpNs: number;
  readonly seed: number;
  readonly course: Course;
}

/** What is measured of somebody's own server: a variant of its own. Throws `usage` before anything has started. */
export function planForeign(workload: Workload, choices: ForeignChoices): ScenarioPlan {
  const { known, clients, durationNs, pollIntervalsNs, warmUpNs, seed, course } = choices;
  checkFeed(workload);
  const { options: _said, ...measured } = workload;
  const settled: Workload = {
    ...measured,
    clients: clients ?? workload.clients,
    durationNs: durationNs ?? workload.durationNs,
  };
  checkDescriptors(settled.clients, 1, settled.clients + 1);
  const nearest = { transport: known.nearest, backplane: 'memory', values: {} } as const;
  const intervalsNs = pollIntervalsNs ?? [workload.pollIntervalNs];
  const variants: readonly PlannedVariant[] =
    cadenceOf(nearest) === 'interval'
      ? intervalsNs.map((pollIntervalNs) => ({ ...nearest, values: { pollIntervalNs } }))
      : [nearest];
  const specOf = (variant: PlannedVariant): TrialSpec => ({
    variant,
    foreign: known.server,
    generator: 'adapter',
    clients: settled.clients,
    trial: 1,
    copy: false,
    attempt: 1,
    workload: settled,
    seed,
    warmUpNs,
    windowNs: settled.durationNs,
  });
  return { workload: settled, seed, cells: variants.map(specOf), light: [], left: [], course };
}

function whyNot(feed: Workload['feed'], faults: Workload['faults']): string | undefined {
  if (isAddressed(feed))
    return "its messages are for some clients alone, by rooms and names of feedbench's own protocol";
  if (isSilent(feed)) return 'nothing is said in it, and what a connection costs a server that is not ours nobody sees';
  return faults.length > 0 ? 'it makes things happen to servers, and this one is not ours to strike' : undefined;
}

function checkFeed({ name, feed, faults }: Workload): void {
  const why = whyNot(feed, faults);
  if (why === undefined) return;
  throw new Failure(
    'usage',
    `scenario ${name} × --target: n/a, ${why}: choose ticker, scores, or a workload file of such a feed`,
  );
}

/** Whether somebody else's machine may be loaded so. Throws `usage`. */
export function checkConsent(plans: readonly CampaignPlan[], { address }: ForeignServer, isAllowed: boolean): void {
  if (address.isLoopback) return;
  const place = `--target ${withoutSecrets(address.url)} (${address.host})`;
  if (!isAllowed)
    throw new Failure(
      'usage',
      `${place} is not this machine: say --i-may-load-this-host if it is yours to load, or its owner lets you`,
    );
  const clients = Math.max(...plans.map(({ workload }) => workload.clients));
  if (clients > MOST_CLIENTS_OUTSIDE)
    throw new Failure(
      'usage',
      `${place}: ${clients} clients, and ${MOST_CLIENTS_OUTSIDE} are the most for a machine that is not this one: choose --clients ${MOST_CLIENTS_OUTSIDE}, or fewer`,
    );
  const lengthNs = plans.reduce((sum, plan) => sum + campaignEstimateNs(plan), 0);
  if (lengthNs <= MOST_NS_OUTSIDE) return;
  throw new Failure(
    'usage',
    `${place}: about ${formatDuration(lengthNs)}, and ${formatDuration(MOST_NS_OUTSIDE)} are the most for a machine that is not this one: choose a shorter --duration, or fewer --trials`,
  );
}

/** What a target gets, in lines, before the first of it is sent. */
export function loadLines(plans: readonly CampaignPlan[], { address, isPublishedTo, label }: ForeignServer): string[] {
  const { url, host, port } = address;
  return [
    `To ${label} at ${withoutSecrets(url)} (${host}, port ${port}), and nobody else:`,
    ...plans.map((plan) => `  ${plan.workload.name}: ${loadText(plan, isPublishedTo)}`),
  ];
}

function loadText(plan: CampaignPlan, isPublishedTo: boolean): string {
  const { clients, feed, payload } = plan.workload;
  const length = `for about ${formatDuration(campaignEstimateNs(plan))} in all`;
  if (!isPublishedTo || isSilent(feed)) return `${clients} clients that listen to the feed of the server, ${length}`;
  const rate = feed.messagesPerSecond;
  const bytes = formatBytes(rate * payload.bytes * clients);
  return `${clients} clients, and one that publishes ${significant(rate)} messages/s of ${payload.bytes} B and more: ${significant(rate * clients)} deliveries/s, some ${bytes}/s from it, ${length}`;
}
