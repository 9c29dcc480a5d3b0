import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { monotonicNs } from '../../scenarios/clock.ts';
import { type AskedValues, DIMENSION_IDS, isUsual } from '../../scenarios/dimensions.ts';
import { Failure } from '../../scenarios/failures.ts';
import { hashFeed } from '../../scenarios/feed/schedule-hash.ts';
import type { Workload } from '../../scenarios/feed/workload.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { pollIntervalNsOf } from '../../scenarios/variant.ts';
import type { BackplaneId } from '../../servers/backplanes.ts';
import { TRANSPORT_IDS, type TransportId } from '../../servers/registry.ts';
import { messagesToKeep } from '../k6/keeping.ts';
import type { SharedPlan } from '../k6/lines.ts';
import { plannedTargets } from '../k6/planned-targets.ts';
import { scriptFor, whyNoScript } from '../k6/scripts.ts';
import { Guard } from '../machine/guard.ts';
import { loopbackNetwork } from '../machine/network.ts';
import { openScratch } from '../machine/scratch.ts';
import { type PlayedOutcome, preparePublisher, startPublisher } from '../trial/player.ts';
import { feedOf, feedOrigin, patienceNs, planWindow, pollOrigin } from '../trial/window.ts';
import type { TrialSpec } from '../trial-spec.ts';
import { type PlannedVariant, planVariants } from '../variants.ts';
import { openControlServer } from './control-server.ts';
import type { Published } from './published.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface Publication {
  readonly workload: Workload;
  readonly seed: number;
  readonly warmUpNs: number;
  /** What the nodes are over, how many there are, what lies before them: nobody else knows. */
  readonly backplane: BackplaneId;
  readonly asked: AskedValues;
  /** Where the k6 of other hosts reach this. */
  readonly host: string;
  readonly port: number;
  /** How long clients are waited for. */
  readonly patienceNs: number;
  /** From when all k6 are there to the beginning of the feed: time for their clients to connect. */
  readonly leadNs: number;
  /** The words that would do this again. */
  readonly command: string;
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

/** A way into the feed that nodes elsewhere serve. */
interface WayIn extends AsyncDisposable {
  latest(): number;
}

/** Opens it with an ingest socket at `path`; `onHealth` is told when messages do not get in. */
type OpenWayIn = (path: string, onHealth: (healthy: boolean, reason: string) => void) => Promise<WayIn>;

/** So long without Redis and the feed is not what it was to be. */
const UNHEALTHY_FOR_MS = 3000;
const PATIENCE_MS = 20_000;
/** From when the last client left until its k6 has read the clock once more. */
const PARTING_MS = 30_000;

/**
 * Waits until the k6 of all hosts are there, plays the feed into the nodes' backplane on an absolute schedule, tells `onPublished` what
 * it was, and waits until all k6 are done. Rejects with a Failure where the world went wrong.
 */
export async function publishFeed(
  publication: Publication,
  openWayIn: OpenWayIn,
  onPublished: (published: Published) => void,
): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const guard = new Guard();
  guard.endOn(publication.stop);
  const ingest = join(await openScratch(cleanup), 'ingest');
  const wayIn = cleanup.use(await openWayIn(ingest, impatience(guard)));
  const publisher = startPublisher({
    host: loopbackNetwork('').clientHost,
    cores: [],
    guard,
    cleanup,
    foreign: undefined,
    onHalt: guard.report,
  });
  const room = new WaitingRoom(publication.workload.clients, (transport) => {
    const found = variantOf(transport, publication);
    return typeof found === 'string' ? found : undefined;
  });
  const told: { planFor?: (hosts: readonly string[]) => SharedPlan } = {};
  const server = cleanup.use(await openControlServer({ ...publication, room, plan: (hosts) => told.planFor?.(hosts) }));
  publication.say(`${publication.workload.clients} clients are waited for at ${publication.host}:${server.port}`);
  await guard.wait(room.full, lateness(publication, room));

  const spec = specOf(room.arrived[0]?.transport ?? '', publication);
  const plan = await planOf(spec, { before: wayIn.latest(), stop: publication.stop, leadNs: publication.leadNs });
  const player = await preparePublisher(publisher, { ...feedOf(spec), ingest, isPatient: false });
  const timing = planWindow(spec, plan.originNs);
  // From each host the same nodes may have another address.
  told.planFor = (hosts) => ({ ...plan, targets: plannedTargets(spec.variant, hosts) });
  publication.say(
    `all are there: the feed begins in ${((plan.originNs - monotonicNs()) / NS_PER_SECOND).toFixed(1)} s`,
  );
  const outcome = await guard.wait(player.play(timing), {
    ms: (timing.windowEndNs - monotonicNs()) / NS_PER_MS + PATIENCE_MS,
    code: 'trial-stalled',
    message: 'the feed did not end in its time; is this machine overloaded?',
  });
  onPublished(publishedOf(spec, { plan, outcome, room, command: publication.command }));
  await guard.wait(room.empty, {
    ms: (plan.leaveNs - monotonicNs()) / NS_PER_MS + PARTING_MS,
    code: 'incomplete',
    message: `of ${room.arrived.length} k6 not all said that they are done: see what became of them`,
  });
}

function impatience(guard: Guard): (healthy: boolean, reason: string) => void {
  let timer: NodeJS.Timeout | undefined;
  return (healthy, reason) => {
    clearTimeout(timer);
    if (healthy) return;
    const failure = new Failure('redis-lost', `messages do not get into the feed: ${reason}; see whether Redis runs`);
    timer = setTimeout(() => guard.report(failure), UNHEALTHY_FOR_MS);
    timer.unref();
  };
}

function lateness({ patienceNs: waitNs, workload }: Publication, room: WaitingRoom) {
  return {
    ms: waitNs / NS_PER_MS,
    code: 'ramp-failed',
    get message() {
      return `${room.present} of ${workload.clients} clients came in time: start all k6, give them the same CLIENTS, or wait longer with --wait`;
    },
  } as const;
}

/** The variant that a script follows, with all that is usual; or in words why none does. */
function variantOf(transport: string, { backplane, asked, workload }: Publication): PlannedVariant | string {
  const id = TRANSPORT_IDS.find((known) => known === transport);
  if (id === undefined || scriptFor(id) === undefined) return `there is no script for "${transport}"`;
  return scriptedVariant(id, { backplane, asked, workload });
}

function scriptedVariant(
  transport: TransportId,
  { backplane, asked, workload }: Pick<Publication, 'backplane' | 'asked' | 'workload'>,
): PlannedVariant | string {
  try {
    const variants = planVariants({ transports: [transport], backplanes: [backplane], asked }, workload);
    const followed = variants.filter((variant) => whyNoScript(variant) === undefined);
    const isPlain = ({ values }: PlannedVariant): boolean =>
      DIMENSION_IDS.every((id) => asked[id] !== undefined || isUsual(id, values));
    const [first] = variants.flatMap((variant) => whyNoScript(variant) ?? []);
    return followed.find(isPlain) ?? followed[0] ?? first ?? 'nothing of that can be served';
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

function specOf(transport: string, publication: Publication): TrialSpec {
  const variant = variantOf(transport, publication);
  if (typeof variant === 'string') throw new TypeError(variant);
  const { workload, seed, warmUpNs } = publication;
  return {
    variant,
    generator: 'k6',
    clients: workload.clients,
    trial: 1,
    copy: false,
    attempt: 1,
    workload,
    seed,
    warmUpNs,
    windowNs: workload.durationNs,
  };
}

type Plan = Omit<SharedPlan, 'targets'>;

async function planOf(
  spec: TrialSpec,
  { before, stop, leadNs }: { before: number; stop: AbortSignal; leadNs: number },
): Promise<Plan> {
  const feed = feedOf(spec);
  const scheduleHash = await hashFeed(feed, stop);
  if (scheduleHash === undefined) throw new Failure('interrupted', 'stopped before anything was published');
  const nowNs = monotonicNs();
  const pollOriginNs = pollOrigin(spec, nowNs);
  const originNs = feedOrigin(spec, { pollOriginNs, earliestNs: nowNs + leadNs });
  return {
    feed: randomUUID(),
    scheduleHash,
    clients: spec.clients,
    before,
    last: before + feed.messages,
    originNs,
    leaveNs: planWindow(spec, originNs).windowEndNs + patienceNs(spec),
    pollOriginNs,
    pollIntervalMs: pollIntervalNsOf(spec.variant, spec.workload) / NS_PER_MS,
    tellEvery: messagesToKeep(feed),
  };
}

function publishedOf(
  spec: TrialSpec,
  {
    plan,
    outcome,
    room,
    command,
  }: {
    plan: Plan;
    outcome: PlayedOutcome;
    room: WaitingRoom;
    command: string;
  },
): Published {
  const { options: _said, ...workload } = spec.workload;
  return {
    kind: 'published',
    schema: 'feedbench.published/1',
    feed: plan.feed,
    startedAt: new Date().toISOString(),
    command,
    workload,
    variant: { ...spec.variant },
    seed: spec.seed,
    clients: spec.clients,
    warmUpNs: spec.warmUpNs,
    windowNs: spec.windowNs,
    plannedHash: plan.scheduleHash,
    publishedHash: outcome.scheduleHash,
    published: outcome.published,
    messages: plan.last - plan.before,
    before: plan.before,
    originNs: plan.originNs,
    instances: room.arrived.map(({ instance, clients }) => ({ instance, clients })),
    recording: [...outcome.recording],
  };
}
