import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { SERVER_ROLES } from '../../scenarios/process-roles.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Histogram, type HistogramSnapshot } from '../../scenarios/measures/histogram.ts';
import type { LinkRecord } from '../../scenarios/result/link.ts';
import type { MeasuredTrial, PresenceRecord } from '../../scenarios/result/result.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { variantLabel } from '../../scenarios/variant.ts';
import { socketBytes } from '../watch/socket-memory.ts';
import type { WindowTiming } from '../generator.ts';
import { wireBytesBetween } from '../machine/network.ts';
import { complaintTexts } from '../fleet/balancer.ts';
import { beginOrdeal, type CarriedOutFault, type FaultSite } from '../fleet/faults.ts';
import { openForeignClock } from '../foreign/trial-clock.ts';
import { Guard } from '../machine/guard.ts';
import { openScratch } from '../machine/scratch.ts';
import type { PlayedOutcome } from './player.ts';
import { Halt } from './foreign-trial.ts';
import { openStage, type Stage, type StageOptions, watched } from './stage.ts';
import { rampFailure } from './ramp-failure.ts';
import { recordTrial, type TrialPieces } from './record.ts';
import { EdgeWatch } from './edge-watch.ts';
import { heldByNodes, signOfLifeOf } from './idleness.ts';
import type { Surroundings, TrialSpec } from '../trial-spec.ts';
import { cutAt, feedOrigin, isEmptyAt, patienceNs, planWindow, pollOrigin } from './window.ts';

/** Time for everybody to hear when the feed begins. */
const START_MARGIN_NS = 0.1 * NS_PER_SECOND;
const PATIENCE_MS = 20_000;
/** A ramp that takes longer a client will not end. */
const SLOWEST_CONNECT_MS = 2;

/**
 * One variant under one workload, with fresh processes: start everything, connect all clients, play the feed, wait for
 * the last delivery, stop everything. Rejects with a Failure where the world went wrong; nothing is left behind.
 */
export async function runTrial(spec: TrialSpec, surroundings: Surroundings): Promise<MeasuredTrial> {
  const started = { at: new Date().toISOString(), ns: monotonicNs() };
  const pieces = await perform(spec, surroundings);
  return recordTrial(spec, pieces, {
    startedAt: started.at,
    wallNs: monotonicNs() - started.ns,
    placement: surroundings.placement,
  });
}

async function perform(spec: TrialSpec, surroundings: Surroundings): Promise<TrialPieces> {
  const { foreign } = spec;
  if (foreign === undefined) return act(spec, surroundings, { onHalt: () => undefined });
  const halt = new Halt();
  try {
    const clock = await openForeignClock(foreign);
    const site = { ...foreign, ...clock?.before };
    const stop = AbortSignal.any([surroundings.stop, halt.signal]);
    const pieces = await act(spec, { ...surroundings, stop }, { foreign: site, onHalt: halt.because });
    return { ...pieces, foreign: { clock: await clock?.end(), server: foreign, halt: halt.reason } };
  } catch (error) {
    throw halt.reason ?? error;
  }
}

/** What a trial has to do with a server that is not ours. */
type Foreign = Pick<StageOptions, 'foreign' | 'onHalt'>;

async function act(spec: TrialSpec, surroundings: Surroundings, foreign: Foreign): Promise<TrialPieces> {
  await using cleanup = new AsyncDisposableStack();
  const scratch = await openScratch(cleanup);
  const guard = new Guard();
  const clientsConnected = guard.endOn(surroundings.stop);
  surroundings.onPhase('starting');
  const stage = await openStage(spec, surroundings, {
    ...foreign,
    guard,
    cleanup,
    scratch,
    pollOriginNs: pollOrigin(spec, monotonicNs()),
  });
  const before = isSilent(spec.workload.feed) ? await heldByNodes(stage) : undefined;
  surroundings.onPhase('connecting');
  const ramp = await connectClients(stage, spec);
  const presence = [...(await lookWhoIsThere(stage, 'connected'))];
  clientsConnected();
  surroundings.onPhase('feeding');
  const feed = await playFeed(spec, stage, surroundings.stop);
  const idle = before && { ...signOfLifeOf(spec), held: { before, connected: await heldByNodes(stage) } };
  surroundings.onPhase('finishing');
  presence.push(...(await lookWhoIsThere(stage, 'finished')));
  const seen = await collect(spec, stage, feed);
  const link = await linkRecordOf(stage);
  const { oneWayDelayNs, watch, network } = stage;
  return {
    ...feed,
    ...seen,
    ramp,
    presence,
    idle,
    oneWayDelayNs,
    link,
    watch,
    network: { note: network.note, counted: network.readWire !== undefined },
    complaints: stage.balancer === undefined ? [] : complaintTexts(stage.balancer),
  };
}

/** What went over the link since the feed began. */
async function linkRecordOf({ guard, link }: Stage): Promise<LinkRecord | undefined> {
  if (link === undefined) return undefined;
  const { lateness, ...carried } = await guard.wait(link.link.carried(), {
    ms: PATIENCE_MS,
    code: 'trial-stalled',
    message: 'the link did not tell what it carried; was its relay stopped?',
  });
  const {
    asked,
    made,
    link: { means },
  } = link;
  return { asked, means, made, carried: { ...carried, lateness: lateness === null ? null : summaryOf(lateness) } };
}

function summaryOf(lateness: HistogramSnapshot): LinkRecord['carried']['lateness'] {
  const histogram = Histogram.from(lateness);
  if (histogram.count === 0) return null;
  return { p50Ns: histogram.percentileNs(50), p99Ns: histogram.percentileNs(99), maxNs: histogram.maxNs };
}

async function connectClients(
  { guard, run, watch, network }: Stage,
  { clients, foreign, variant }: TrialSpec,
): Promise<MeasuredTrial['ramp']> {
  const wireBefore = network.readWire?.();
  const socketsBefore = socketBytes();
  await watch.beginRamp();
  const startNs = monotonicNs();
  const limit = {
    ms: 3 * PATIENCE_MS + clients * SLOWEST_CONNECT_MS,
    code: 'ramp-failed',
    message: 'the clients did not all connect in time; try fewer',
  } as const;
  try {
    await guard.wait(run.ramp(), limit);
  } catch (error) {
    throw rampFailure(error, variant.values);
  }
  return {
    durationNs: monotonicNs() - startNs,
    wireBytes: wireBytesBetween(wireBefore, network.readWire?.()),
    serverCpuNs: foreign === undefined ? await watch.cpuNsOfRamp(SERVER_ROLES) : null,
    socketBytes: growth(socketsBefore, socketBytes()),
  };
}

function growth(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : Math.max(0, after - before);
}

/** When nobody comes or goes, nodes must say who is connected. */
async function lookWhoIsThere(
  { guard, run, noticedWithinMs, balancer }: Stage,
  when: PresenceRecord['when'],
): Promise<PresenceRecord[]> {
  if (run.talk === undefined) return [];
  const seen = await guard.wait(run.talk.presence(), {
    ms: PATIENCE_MS + noticedWithinMs,
    code: 'trial-stalled',
    message: 'the nodes did not say who is online; were they stopped?',
  });
  return seen.map(({ node, ...told }) => ({
    when,
    // Who asks through a balancer hears what one of them says.
    node: balancer === undefined ? `node ${node + 1}` : `a node behind ${balancer.child.name}`,
    ...told,
  }));
}

interface PlayedFeed {
  readonly timing: WindowTiming;
  readonly outcome: PlayedOutcome;
  readonly partial: boolean;
  readonly edges: EdgeWatch;
  readonly faults: readonly CarriedOutFault[];
}

async function playFeed(spec: TrialSpec, stage: Stage, stop: AbortSignal): Promise<PlayedFeed> {
  const { guard, player, nodes, run } = stage;
  const timing = planWindow(
    spec,
    feedOrigin(spec, { pollOriginNs: stage.pollOriginNs, earliestNs: monotonicNs() + START_MARGIN_NS }),
  );
  const feedBegins = guard.endOn(stop);
  const edges = new EdgeWatch(stage, timing.bins);
  await stage.link?.link.begin();
  await edges.begin();
  await guard.wait(run.record(timing), {
    ms: PATIENCE_MS,
    code: 'trial-stalled',
    message: 'the generator did not take note of the start; was it stopped?',
  });
  nodes.record(timing);
  const done = player.play(timing);
  edges.start();
  const ordeal = beginOrdeal(spec.workload.faults, faultSiteOf(stage), {
    originNs: timing.windowStartNs,
    onTrouble: guard.report,
  });
  feedBegins();
  const halt = haltOn(stop, { stage, timing, edges });
  try {
    const outcome = await guard.wait(
      Promise.all([done, edges.done]).then(([whole]) => whole),
      {
        ms: (timing.windowEndNs - monotonicNs()) / NS_PER_MS + PATIENCE_MS,
        code: 'trial-stalled',
        message: 'what plays the feed did not end in its time; was it stopped?',
      },
    );
    const played = halt.timing();
    const faults = await ordeal.end();
    await edges.end();
    return { timing: played, outcome, partial: played !== timing, edges, faults };
  } finally {
    halt[Symbol.dispose]();
    edges.stop();
    await ordeal.end();
  }
}

function faultSiteOf({ nodes, redis, network, watch }: Stage): FaultSite {
  return { nodes, redis, network, onStarted: (role, child) => watch.add(watched(role, child)) };
}

interface Playing {
  readonly stage: Stage;
  readonly timing: WindowTiming;
  readonly edges: EdgeWatch;
}

/** Where it is stopped the feed ends, and the window is as long as it got. */
function haltOn(
  stop: AbortSignal,
  { stage: { guard, player }, timing, edges }: Playing,
): Disposable & { timing(): WindowTiming } {
  let stoppedNs: number | undefined;
  const halt = (): void => {
    stoppedNs = monotonicNs();
    player.stop();
    edges.stop();
    // There is nothing to keep, so nothing to wait for.
    if (isEmptyAt(timing, stoppedNs)) guard.endOn(stop);
  };
  stop.addEventListener('abort', halt, { once: true });
  return {
    timing: () => (stoppedNs === undefined ? timing : cutAt(timing, stoppedNs)),
    [Symbol.dispose]: () => stop.removeEventListener('abort', halt),
  };
}

async function collect(
  spec: TrialSpec,
  { guard, run, nodes }: Stage,
  { outcome }: PlayedFeed,
): Promise<Pick<TrialPieces, 'generator' | 'nodes'>> {
  const drainNs = patienceNs(spec);
  const limit = (what: string) => ({
    ms: drainNs / NS_PER_MS + PATIENCE_MS,
    code: 'trial-stalled' as const,
    message: `${what} of ${variantLabel(spec.variant, spec.workload)} did not report in time; is the machine overloaded? Try fewer clients`,
  });
  const finished = run.finish(outcome.published, monotonicNs() + drainNs, outcome.spoken);
  const generator = await guard.wait(finished, limit('the generator'));
  const reports = nodes.children.map(async (node) => {
    const report = node.next('report');
    node.send({ kind: 'report' });
    return { pid: node.pid, ...(await report) };
  });
  return { generator, nodes: await guard.wait(Promise.all(reports), limit('a node')) };
}
