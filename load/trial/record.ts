import type { Role } from '../../scenarios/process-roles.ts';
import type { EventLoopReport } from '../../scenarios/measures/event-loop.ts';
import { Histogram, type HistogramSnapshot } from '../../scenarios/measures/histogram.ts';
import {
  COUNTER_IDS,
  GAUGE_IDS,
  type HistogramId,
  HISTOGRAM_IDS,
  type MetricId,
} from '../../scenarios/measures/metrics.ts';
import { type Bin, mergeBins, mergeRecordings, type Recording } from '../../scenarios/measures/recording.ts';
import { mergeEnds } from '../../scenarios/session-end.ts';
import type { IdleRecord } from '../../scenarios/result/idle.ts';
import type { LinkRecord } from '../../scenarios/result/link.ts';
import type { MeasuredTrial, PresenceRecord, ProcessRecord, Source } from '../../scenarios/result/result.ts';
import { isUsual } from '../../scenarios/dimensions.ts';
import { faultText } from '../../scenarios/faults.ts';
import { isAddressed } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { countDue } from '../../scenarios/feed/schedule.ts';
import { isBalanced } from '../../scenarios/variant.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import { mergeAudits } from '../subscribers/audit.ts';
import { type Expected, messagesWithKnownData } from '../subscribers/expectation.ts';
import type { GeneratorReport, WindowTiming } from '../generator.ts';
import { generatorRow } from '../registry.ts';
import type { Placement } from '../machine/placement.ts';
import type { ProcessWatch } from '../watch/process-watch.ts';
import type { CarriedOutFault } from '../fleet/faults.ts';
import { type ForeignPieces, foreignRecord } from './foreign-record.ts';
import { disruptionOf } from './disruption.ts';
import type { EdgeWatch } from './edge-watch.ts';
import type { TrialSpec } from '../trial-spec.ts';
import type { PlayedOutcome } from './player.ts';
import { findWarmUp, type WarmUp } from './warm-up.ts';
import { feedOf } from './window.ts';

/** What was seen of one trial, before it is put into its record. */
export interface TrialPieces {
  readonly timing: WindowTiming;
  readonly partial: boolean;
  readonly ramp: MeasuredTrial['ramp'];
  readonly oneWayDelayNs: number;
  /** Undefined where a wire was all that lay between. */
  readonly link: LinkRecord | undefined;
  readonly presence: readonly PresenceRecord[];
  /** Of a trial in which nothing is said. */
  readonly idle: IdleRecord | undefined;
  readonly outcome: PlayedOutcome;
  readonly edges: EdgeWatch;
  readonly watch: ProcessWatch;
  readonly generator: readonly GeneratorReport[];
  /** Of those that ran to the end. */
  readonly nodes: readonly NodePiece[];
  readonly faults: readonly CarriedOutFault[];
  readonly network: { readonly note: string; readonly counted: boolean };
  /** Of the balancer, a sentence each. */
  readonly complaints?: readonly string[];
  /** Of a server that is not ours. */
  readonly foreign?: ForeignPieces;
}

interface NodePiece {
  readonly pid: number;
  readonly recording: Recording;
  readonly eventLoop: EventLoopReport;
}

interface Occasion {
  readonly startedAt: string;
  readonly wallNs: number;
  readonly placement: Placement;
}

/** Puts what every process saw into the trial's record. */
export function recordTrial(spec: TrialSpec, pieces: TrialPieces, occasion: Occasion): MeasuredTrial {
  const trial = recordOf(spec, pieces, occasion);
  const { foreign, generator } = pieces;
  return foreign === undefined ? trial : foreignRecord(trial, spec, { foreign, generator });
}

function recordOf(spec: TrialSpec, pieces: TrialPieces, occasion: Occasion): MeasuredTrial {
  const { timing, outcome } = pieces;
  const { warmUp, recorded } = recordedWindow(mergedBins(pieces), {
    timing,
    clients: spec.clients,
    undisturbedBins: undisturbed(pieces),
  });
  return {
    state: 'measured',
    variant: spec.variant,
    generator: spec.generator,
    clients: spec.clients,
    trial: spec.trial,
    copy: spec.copy,
    attempt: spec.attempt,
    startedAt: occasion.startedAt,
    partial: pieces.partial,
    scheduleHash: outcome.scheduleHash,
    ...recorded,
    audit: auditOf(pieces),
    processes: processRecords(pieces),
    sources: sourcesOf(spec, pieces),
    ramp: pieces.ramp,
    oneWayDelayNs: pieces.oneWayDelayNs,
    ...(pieces.link !== undefined && { link: pieces.link }),
    dueInWindow: dueInWindow(spec, pieces, warmUp),
    machine: pieces.edges.account(timing.bins),
    wallNs: occasion.wallNs,
    presence: [...pieces.presence],
    sessionEnds: [...mergeEnds(pieces.generator.flatMap(({ ends }) => ends))],
    disruption: disruptionOf(
      pieces.faults,
      pieces.generator.flatMap(({ absences }) => absences),
      { originNs: timing.bins.originNs, backplane: spec.variant.backplane },
    ),
    ...(pieces.idle !== undefined && { idle: pieces.idle }),
    remarks: remarksOf(spec, pieces, occasion.placement),
  };
}

/** What was recorded of a trial by all processes together, one bin after the other: where its window begins, and what is in it. */
export function recordedWindow(
  bins: readonly Bin[],
  {
    timing,
    clients,
    undisturbedBins,
  }: { readonly timing: WindowTiming; readonly clients: number; readonly undisturbedBins: number },
): {
  readonly warmUp: WarmUp;
  readonly recorded: Pick<
    MeasuredTrial,
    'window' | 'histograms' | 'histogramsPerBin' | 'countersPerBin' | 'gaugesPerBin'
  >;
} {
  const plannedBins = (timing.windowStartNs - timing.bins.originNs) / timing.bins.binNs;
  const warmUp = findWarmUp(deliveryMeans(bins, clients), plannedBins, undisturbedBins);
  const { histograms } = mergeBins(bins.slice(warmUp.firstBin, timing.bins.count));
  return { warmUp, recorded: { window: windowOf(timing, plannedBins, warmUp), histograms, ...perBin(bins) } };
}

/** Bins before that of the first fault: what comes after it is no warm-up. */
function undisturbed({ timing: { bins }, faults }: TrialPieces): number {
  const first = Math.min(...faults.map(({ doneNs }) => doneNs));
  return Math.min(bins.count, Math.floor((first - bins.originNs) / bins.binNs));
}

/** What only the coordinator knows is added to what the generator's processes counted. */
function auditOf({ generator, outcome, presence }: TrialPieces): MeasuredTrial['audit'] {
  const misreported = presence.reduce((sum, { missing, strangers }) => sum + missing + strangers, 0);
  return { ...mergeAudits(generator.map(({ audit }) => audit)), published: outcome.published, misreported };
}

/** Every process's bins as one, cut where the trial was. */
function mergedBins({ timing, outcome, edges, generator, nodes }: TrialPieces): readonly Bin[] {
  const recordings = [outcome, ...generator, ...nodes].map(({ recording }) => recording);
  return mergeRecordings([edges.recording(timing.bins), ...recordings]).slice(0, timing.bins.count);
}

function deliveryMeans(bins: readonly Bin[], clients: number): { count: number; mean: number }[] {
  return bins.map(({ histograms: { delivery } }) => ({
    count: (delivery?.count ?? 0) / clients,
    mean: delivery === undefined ? 0 : delivery.sumNs / delivery.count,
  }));
}

function windowOf(timing: WindowTiming, plannedBins: number, warmUp: WarmUp): MeasuredTrial['window'] {
  const { binNs, count } = timing.bins;
  return {
    binNs,
    bins: count,
    firstBin: warmUp.firstBin,
    endBin: count,
    plannedWarmUpNs: plannedBins * binNs,
    excludedNs: warmUp.firstBin * binNs,
    warmUp: warmUp.finding,
  };
}

function perBin(bins: readonly Bin[]): Pick<MeasuredTrial, 'histogramsPerBin' | 'countersPerBin' | 'gaugesPerBin'> {
  const seen = <Id extends string>(ids: readonly Id[], part: (bin: Bin) => Partial<Record<Id, unknown>>): Id[] =>
    ids.filter((id) => bins.some((bin) => part(bin)[id] !== undefined));
  return {
    histogramsPerBin: table(
      seen(HISTOGRAM_IDS, (bin) => bin.histograms),
      (id) => bins.map((bin) => summarise(bin.histograms[id])),
    ),
    countersPerBin: table(
      seen(COUNTER_IDS, (bin) => bin.counters),
      (id) => bins.map((bin) => bin.counters[id] ?? 0),
    ),
    gaugesPerBin: table(
      seen(GAUGE_IDS, (bin) => bin.gauges),
      (id) => bins.map((bin) => bin.gauges[id] ?? null),
    ),
  };
}

function table<Id extends string, T>(ids: readonly Id[], values: (id: Id) => T): Partial<Record<Id, T>> {
  return Object.fromEntries(ids.map((id) => [id, values(id)])) as Partial<Record<Id, T>>;
}

type Summary = NonNullable<MeasuredTrial['histogramsPerBin'][HistogramId]>[number];

function summarise(snapshot: HistogramSnapshot | undefined): Summary {
  if (snapshot === undefined || snapshot.count === 0) return null;
  const histogram = Histogram.from(snapshot);
  return {
    count: histogram.count,
    meanNs: histogram.meanNs,
    p50Ns: histogram.percentileNs(50),
    p99Ns: histogram.percentileNs(99),
    maxNs: histogram.maxNs,
  };
}

/** Who has an event loop of Node reports it, in the order in which processes are watched. */
function processRecords({ timing, watch, nodes, outcome, generator }: TrialPieces): ProcessRecord[] {
  const ofNodes = new Map(nodes.map(({ pid, eventLoop }) => [pid, eventLoop]));
  const loops: Partial<Record<Role, (EventLoopReport | null)[]>> = {
    publisher: [outcome.eventLoop],
    worker: generator.map(({ eventLoop }) => eventLoop),
  };
  return watch.processes.map((seen) => ({
    ...seen,
    ...watch.useOf(seen.pid, timing.bins),
    eventLoop: ofNodes.get(seen.pid) ?? loops[seen.role]?.shift() ?? null,
  }));
}

const UNSEEN_HOP: Source = {
  kind: 'n/a',
  reason: "the adapter hands messages straight to the clients of a node, and no log of the node's own takes them",
};

const NO_TLS: Source = { kind: 'n/a', reason: 'clients speak no TLS here' };

const BALANCER_METRICS = ['balancerBytesDown', 'balancerBytesUp', 'balancerConnections'] as const satisfies MetricId[];

/** What goes on between a balancer and nodes. */
function balancerSource(variant: TrialSpec['variant'], { counted, note }: TrialPieces['network']): Source {
  if (!isBalanced(variant)) return { kind: 'n/a', reason: 'there is no balancer' };
  return counted
    ? { kind: 'measured', from: "the balancer's own interface towards the nodes, and its host's count of connections" }
    : { kind: 'n/a', reason: note };
}

const WIRE_METRICS = ['wireBytesDown', 'wireBytesUp', 'wirePacketsDown', 'wirePacketsUp'] as const satisfies MetricId[];

function sourcesOf({ generator, variant }: TrialSpec, { network, edges }: TrialPieces): MeasuredTrial['sources'] {
  const wire: Source = network.counted
    ? { kind: 'measured', from: network.note }
    : { kind: 'n/a', reason: network.note };
  const isOverTls = !isUsual('tls', variant.values);
  const sockets = isOverTls
    ? "the clients' sockets, below TLS: what crosses, not what is said"
    : "the clients' sockets";
  const sources: MeasuredTrial['sources'] = {
    payloadBytes: { kind: 'measured', from: 'lengths of the messages that clients read' },
    transportBytesDown: { kind: 'measured', from: sockets },
    transportBytesUp: { kind: 'measured', from: sockets },
    ...Object.fromEntries(WIRE_METRICS.map((id) => [id, wire])),
    ...Object.fromEntries(BALANCER_METRICS.map((id) => [id, balancerSource(variant, network)])),
    backplaneBytes: network.counted
      ? { kind: 'measured', from: "received bytes of the server host's own loopback interface" }
      : wire,
    ...(BACKPLANES[variant.backplane].sharesLog ? {} : { backplane: UNSEEN_HOP }),
    ...(isOverTls ? {} : { fullHandshakes: NO_TLS, resumedHandshakes: NO_TLS }),
    ...machineSources(edges),
  };
  const missing = Object.entries(generatorRow(generator).unavailable);
  return { ...sources, ...Object.fromEntries(missing.map(([id, reason]) => [id, { kind: 'n/a', reason }])) };
}

/** Where the machine's own counters are read, and what is not known where it does not tell. */
const MACHINE_METRICS = {
  stolenTime: { from: '/proc/stat', missing: 'this system does not tell what its hypervisor takes' },
  throttledTime: { from: 'cpu.stat of the control groups', missing: 'no control group has a CPU quota here' },
  coresBusy: { from: '/proc/stat', missing: 'this system does not tell how busy its cores are' },
} as const satisfies Partial<Record<MetricId, { from: string; missing: string }>>;

function machineSources(edges: EdgeWatch): MeasuredTrial['sources'] {
  return Object.fromEntries(
    (Object.keys(MACHINE_METRICS) as (keyof typeof MACHINE_METRICS)[]).map((id): [string, Source] => {
      const { from, missing } = MACHINE_METRICS[id];
      return [id, edges.hasSeen(id) ? { kind: 'measured', from } : { kind: 'n/a', reason: missing }];
    }),
  );
}

export function dueInWindow(
  { workload, seed }: Pick<TrialSpec, 'workload' | 'seed'>,
  { timing, outcome }: { readonly timing: WindowTiming; readonly outcome: { readonly published: number } },
  { firstBin }: WarmUp,
): number {
  const { binNs, count } = timing.bins;
  const before = (bin: number): number => Math.min(outcome.published, countDue(workload.feed, bin * binNs, seed));
  return before(count) - before(firstBin);
}

function remarksOf(
  spec: TrialSpec,
  { generator, network, watch, faults, complaints = [] }: TrialPieces,
  placement: Placement,
): string[] {
  const { variant } = spec;
  const foreign = generator.find((report) => report.foreign !== null)?.foreign;
  const refusal = generator.find((report) => typeof report.refusal === 'string')?.refusal;
  return [
    ...(typeof foreign === 'string' ? [`foreign: ${foreign}`] : []),
    ...(typeof refusal === 'string' ? [`refused: ${refusal}`] : []),
    ...(generator.some(({ audit }) => audit.corrupted !== null) ? unknownData(feedOf(spec)) : []),
    ...(placement.server.length === 0 ? [placement.note] : []),
    ...(network.counted ? [] : [network.note]),
    ...complaints,
    ...spec.workload.faults.slice(faults.length).map((fault) => `the trial ended before ${faultText(fault)}`),
    ...faults.flatMap(({ fault: { kind }, node }) =>
      kind === 'kill-node' || kind === 'restart-node' ? [`what node ${node} had counted until then went with it`] : [],
    ),
    ...(BACKPLANES[variant.backplane].needsRedis && !watch.processes.some(({ role }) => role === 'redis')
      ? ['Redis is not one of this run: its CPU and memory are in no figure']
      : []),
  ];
}

/** Of a generator that looks at data: what it could not know of it. What a script says is known whole. */
function unknownData(feed: Expected): string[] {
  if (isAddressed(feed.feed)) return [];
  const known = messagesWithKnownData(feed);
  return known < feed.messages
    ? [`the data of the first ${known} messages was held against the feed; of the others their times and checksums`]
    : [];
}
