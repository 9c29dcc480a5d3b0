import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../scenarios/failures.ts';
import { isSaidByClients, isWithoutPublisher } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { pollIntervalNsOf } from '../../scenarios/variant.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import { type Link, linkOf } from '../../scenarios/path/links.ts';
import type { LinkRecord } from '../../scenarios/result/link.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { DelayProbeCommand, DelayProbeReport } from '../fleet/delay-probe-process.ts';
import type { FarEndCommand, FarEndReport } from '../fleet/link-far-process.ts';
import type { MadeLink } from '../machine/link/relay.ts';
import type { Place } from '../fleet/packet-train.ts';
import type { ForeignSite, GeneratorContext, GeneratorRun, OpenGenerator, Target } from '../generator.ts';
import { connectionsOf } from '../../servers/registry.ts';
import { generatorRow } from '../registry.ts';
import type { Guard } from '../machine/guard.ts';
import type { Network } from '../machine/network.ts';
import type { Balancer } from '../fleet/balancer.ts';
import type { NodeGroup } from '../fleet/nodes.ts';
import type { PrivateRedis } from '../fleet/redis-server.ts';
import { generatorProcessCount, placeYardsticks } from '../machine/placement.ts';
import { Yardstick } from '../watch/yardstick.ts';
import { ProcessWatch, type WatchedProcess } from '../watch/process-watch.ts';
import { type NodeBounds, nodeBounds, noticedWithinMs, subscriberBytes, trialDemand } from '../fleet/node-bounds.ts';
import { openServers } from '../fleet/server-side.ts';
import { trialTokens, type TrialTokens } from '../fleet/trial-tokens.ts';
import type { Surroundings, TrialSpec } from '../trial-spec.ts';
import {
  bothPlaying,
  type Player,
  type Publisher,
  type PublisherPlace,
  preparePublisher,
  startPublisher,
  talkingClients,
} from './player.ts';
import { foreignNetwork, foreignServers, ownFeed } from './foreign-trial.ts';
import { feedOf } from './window.ts';

type DelayProbe = Child<DelayProbeCommand, DelayProbeReport>;

/** Everything that a trial needs, running, with nothing connected yet. */
export interface Stage {
  /** How long nodes may take to know that a client is gone. */
  readonly noticedWithinMs: number;
  readonly guard: Guard;
  readonly network: Network;
  readonly nodes: NodeGroup;
  readonly redis: PrivateRedis | undefined;
  readonly balancer: Balancer | undefined;
  readonly player: Player;
  readonly run: GeneratorRun;
  readonly watch: ProcessWatch;
  readonly yardstick: Yardstick;
  readonly oneWayDelayNs: number;
  /** What the variant's link came to; undefined where it has none. */
  readonly link: StageLink | undefined;
  readonly pollOriginNs: number;
}

interface StageLink extends Pick<LinkRecord, 'asked' | 'made'> {
  readonly link: MadeLink;
}

export interface StageOptions {
  readonly guard: Guard;
  /** Takes what has to be closed, in the order it was opened. */
  readonly cleanup: AsyncDisposableStack;
  /** A folder that goes with the trial. */
  readonly scratch: string;
  readonly pollOriginNs: number;
  /** Of a server that is not ours; absent where the trial has nodes. */
  readonly foreign?: ForeignSite;
  /** Told why nothing more may be asked of it. */
  readonly onHalt: (failure: Failure) => void;
}

/** Programs of ours that are idle between their commands start quickly; more than this is trouble. */
const START_LIMIT = {
  ms: 20_000,
  code: 'trial-stalled',
  message: 'the processes of a trial did not start within 20 s; is the machine overloaded?',
} as const;

export async function openStage(spec: TrialSpec, surroundings: Surroundings, options: StageOptions): Promise<Stage> {
  const { guard } = options;
  const open = await loadGenerator(spec.generator);
  const network = options.cleanup.use(await networkOf(spec, surroundings, guard));
  const tokens = trialTokens(spec);
  const demand = trialDemand(spec);
  const bounds = nodeBounds(demand);
  const ingest = join(options.scratch, 'ingest');
  const site: Site = { ...options, spec, surroundings, network, tokens, bounds, ingest };
  // What does not depend on the nodes starts while they do.
  const publisher = hasPublisher(spec) ? startPublisher(publisherPlace(site)) : undefined;
  const probe = startProbe(site);
  // Opened before the generator, to be closed after it.
  const serverCleanup = options.cleanup.use(new AsyncDisposableStack());
  const opening = serversOf(site, {
    cleanup: serverCleanup,
    holding: { bounds, subscriberBytes: subscriberBytes(demand) },
  });
  const targets = opening.then((servers) => servers.targets);
  const generator = open(generatorContext(site, targets));
  // Where there are no nodes, that is what is told.
  for (const other of [targets, generator]) other.catch(() => undefined);
  const servers = await opening;
  const run = await guard.wait(generator, START_LIMIT);
  const player = await openPlayer(site, { publisher, run });
  const { oneWayDelayNs, made } = await measurePath(site, probe, servers.targets[0]);
  const link = stageLink(site, made);
  const watch = watchOf(run, { ...servers, publisher, link });
  const yardstick = new Yardstick(placeYardsticks(surroundings.placement).cores, options.cleanup);
  const { pollOriginNs } = options;
  return {
    guard,
    network,
    ...servers,
    player,
    run,
    watch,
    yardstick,
    oneWayDelayNs,
    link,
    pollOriginNs,
    noticedWithinMs: noticedWithinMs(bounds),
  };
}

function stageLink({ spec, network: { madeLink } }: Site, made: LinkRecord['made']): StageLink | undefined {
  const asked = linkOf(spec.variant.values);
  return asked === undefined || madeLink === undefined ? undefined : { asked, made, link: madeLink };
}

async function networkOf(
  { variant, seed, foreign }: TrialSpec,
  { openNetwork }: Surroundings,
  { report }: Guard,
): Promise<Network> {
  return foreign === undefined ? openNetwork(variant, { seed, onTrouble: report }) : foreignNetwork(foreign);
}

type ServerOptions = Parameters<typeof openServers>[1];

async function serversOf(
  site: Site,
  options: Pick<ServerOptions, 'cleanup' | 'holding'>,
): Promise<Awaited<ReturnType<typeof openServers>>> {
  const { spec, surroundings, tokens } = site;
  if (spec.foreign !== undefined) return foreignServers(spec.foreign);
  return openServers(spec.variant, {
    ...site,
    ...surroundings,
    tokens: tokens?.rules,
    // Where a publisher is all that speaks, its messages are all that is numbered.
    talk: talks(spec),
    faults: spec.workload.faults,
    ...options,
  });
}

/** Whether somebody plays the publisher, and no one else the whole feed. */
function hasPublisher({ workload, foreign }: TrialSpec): boolean {
  return !isWithoutPublisher(workload.feed) && foreign?.isPublishedTo !== false;
}

interface Others extends Pick<Stage, 'nodes' | 'redis' | 'balancer' | 'link'> {
  readonly publisher: Publisher | undefined;
}

function watchOf(run: GeneratorRun, { nodes, redis, balancer, publisher, link }: Others): ProcessWatch {
  const balancers = balancer === undefined ? [] : [balancer.child];
  // nginx' workers are its own.
  const families = [...run.processes.filter(({ withDescendants }) => withDescendants === true), ...balancers];
  return new ProcessWatch(
    [
      ...nodes.children.map((child) => watched('node', child)),
      ...(redis === undefined ? [] : [watched('redis', redis.child)]),
      ...balancers.map((child) => watched('balancer', child)),
      ...(publisher === undefined ? [] : [watched('publisher', publisher)]),
      ...run.processes.map((child) => watched('worker', child)),
      ...(link?.link.child === undefined ? [] : [watched('link', link.link.child)]),
    ],
    new Set(families.map(({ pid }) => pid)),
  );
}

interface Site extends StageOptions {
  readonly spec: TrialSpec;
  readonly surroundings: Surroundings;
  readonly network: Network;
  readonly tokens: TrialTokens | undefined;
  readonly bounds: NodeBounds;
  readonly ingest: string;
}

interface WatchedChild {
  readonly name: string;
  readonly pid: number;
  readonly cores: readonly number[];
}

export function watched(role: WatchedProcess['role'], child: WatchedChild): WatchedProcess {
  return { role, name: child.name, pid: child.pid, cores: [...child.cores] };
}

/** Whether clients make the feed themselves, or a part of it. */
function talks({ workload }: TrialSpec): boolean {
  return isSaidByClients(workload.feed);
}

function publisherPlace({ spec, surroundings, network, guard, cleanup, onHalt }: Site): PublisherPlace {
  const { foreign } = spec;
  return { host: network.clientHost, cores: surroundings.placement.generator, guard, cleanup, foreign, onHalt };
}

async function openPlayer(
  { spec, ingest, guard }: Site,
  { publisher, run }: { readonly publisher: Publisher | undefined; readonly run: GeneratorRun },
): Promise<Player> {
  const feed = feedOf(spec);
  const { foreign, workload } = spec;
  if (foreign?.isPublishedTo === false) return ownFeed();
  const options = { ingest, isPatient: workload.faults.length > 0 || foreign !== undefined, foreign, ...feed };
  const published =
    publisher === undefined ? undefined : await guard.wait(preparePublisher(publisher, options), START_LIMIT);
  if (!talks(spec) && published !== undefined) return published;
  if (run.talk === undefined) throw new TypeError(`clients of ${spec.generator} only listen`);
  return published === undefined ? talkingClients(run.talk, feed) : bothPlaying(published, run.talk, feed);
}

function startProbe({ surroundings, network, guard, cleanup }: Site): DelayProbe {
  const probe: DelayProbe = startChild(
    {
      name: 'delay probe',
      command: nodeProgram(fileURLToPath(new URL('../fleet/delay-probe-process.ts', import.meta.url))),
      host: network.clientHost,
      cores: surroundings.placement.generator,
    },
    guard.report,
  );
  cleanup.defer(async () => probe.kill());
  return probe;
}

interface MeasuredPath {
  readonly oneWayDelayNs: number;
  readonly made: LinkRecord['made'];
}

/** What the path of a client to its node does to packets, measured while nothing else goes over it. */
async function measurePath(site: Site, probe: DelayProbe, target: Target | undefined): Promise<MeasuredPath> {
  if (target === undefined) throw new TypeError('there is no node');
  const { guard } = site;
  const asked = linkOf(site.spec.variant.values);
  const rates = asked !== undefined && isLimited(asked) ? { far: await openFarEnd(site), asked } : undefined;
  const answer = Promise.race([probe.next('measured'), probe.next('failed')]);
  probe.send({ kind: 'measure', target, ...(rates !== undefined && { rates }) });
  const report = await guard.wait(answer, { ...START_LIMIT, ms: START_LIMIT.ms + longestMeasureMs(asked) });
  await probe.kill();
  if (report.kind === 'failed')
    throw new Failure(
      'ramp-failed',
      `the server host cannot be reached: ${report.message}; run again, and see what filters packets between network namespaces`,
    );
  const { oneWayDelayNs, spreadNs } = report;
  return { oneWayDelayNs, made: { delayNs: oneWayDelayNs, spreadNs, ...report.rates } };
}

function isLimited({ bitsPerSecondDown, bitsPerSecondUp }: Link): boolean {
  return bitsPerSecondDown !== null || bitsPerSecondUp !== null;
}

/** Who loses packets makes connects wait for the second and third try of TCP, after 1 s and 2 s more. */
function longestMeasureMs(link: Link | undefined): number {
  return link === undefined ? 0 : 10_000 + (20 * link.delayNs) / NS_PER_MS;
}

/** A process at the other end of the link, with which its rate is measured; it goes with the trial. */
async function openFarEnd({ surroundings, network, guard, cleanup }: Site): Promise<Place> {
  const end: Child<FarEndCommand, FarEndReport> = startChild(
    {
      name: 'far end of the link',
      command: nodeProgram(fileURLToPath(new URL('../fleet/link-far-process.ts', import.meta.url))),
      host: network.edgeHost,
      cores: surroundings.placement.server,
    },
    guard.report,
  );
  cleanup.defer(async () => end.kill());
  const listening = end.next('listening');
  const { address } = network.edgeHost;
  end.send({ kind: 'listen', address });
  return { address, port: (await guard.wait(listening, START_LIMIT)).port };
}

async function loadGenerator(id: TrialSpec['generator']): Promise<OpenGenerator> {
  const { load, label } = generatorRow(id);
  if (load === undefined) throw new TypeError(`${label} drives no trial`);
  return (await load()).openGenerator;
}

function generatorContext(
  { spec, surroundings, network, tokens, bounds, guard, cleanup, pollOriginNs, foreign, onHalt }: Site,
  targets: GeneratorContext['targets'],
): GeneratorContext {
  const { placement } = surroundings;
  return {
    transport: spec.variant.transport,
    host: network.clientHost,
    cores: placement.generator,
    processes: generatorProcessCount(placement, spec.clients * connectionsOf(spec.variant)),
    clients: spec.clients,
    targets,
    values: spec.variant.values,
    ...(tokens !== undefined && { issueToken: tokens.issue }),
    poll: { originNs: pollOriginNs, intervalNs: pollIntervalNsOf(spec.variant, spec.workload) },
    feed: feedOf(spec),
    ...(foreign !== undefined && { foreign }),
    onHalt,
    noticedWithinMs: noticedWithinMs(bounds),
    cleanup,
    onTrouble: guard.report,
  };
}
