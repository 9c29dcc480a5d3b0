import { Failure } from '../../scenarios/failures.ts';
import { hashFeed } from '../../scenarios/feed/schedule-hash.ts';
import { METRIC_IDS, type MetricId } from '../../scenarios/measures/metrics.ts';
import { mergeRecordings } from '../../scenarios/measures/recording.ts';
import { type MeasuredTrial, type Result, SCHEMA, type Source } from '../../scenarios/result/result.ts';
import { mergeEnds } from '../../scenarios/session-end.ts';
import { formatDuration, NS_PER_MS } from '../../scenarios/units.ts';
import { cadenceOf, TRANSPORT_IDS, traitsOf } from '../../servers/registry.ts';
import { mergeAudits } from '../subscribers/audit.ts';
import { generatorRow } from '../registry.ts';
import { dueInWindow, recordedWindow } from '../trial/record.ts';
import { feedOf, planWindow } from '../trial/window.ts';
import type { TrialSpec } from '../trial-spec.ts';
import type { Collected } from './collected.ts';
import { isUneven } from './host-clock.ts';
import type { Published } from './published.ts';
import { clockOf, type Held, holdOutput, type ToldHost } from './told-host.ts';

/** What clients and the publisher tell themselves; of all else nobody looked. */
const TOLD: ReadonlySet<MetricId> = new Set<MetricId>([
  'staleness',
  'lateness',
  'delivery',
  'published',
  'refusals',
  'deliveries',
  'clockErrors',
  'answers',
  'emptyAnswers',
  'payloadBytes',
  'unexpectedCloses',
  'connections',
]);
const UNSEEN =
  'nobody watched the machines of a run on several hosts: there is what its clients and its publisher told';

/** One run of several k6 as a result with one trial: lines, audits and histograms fold as those of processes do. */
export async function mergedResult(
  { published, outputs, gaps }: Collected,
  { id, command }: { readonly id: string; readonly command: string },
): Promise<Result> {
  const spec = specOf(published);
  const feed = feedOf(spec);
  if ((await hashFeed(feed)) !== published.plannedHash)
    throw new Failure(
      'unmergeable',
      'this feedbench makes another feed of that scenario and seed than the publisher did: merge with the version that published',
    );
  const timing = planWindow(spec, published.originNs);
  const bounds = outputs.map((output) => clockOf(output).boundMs * NS_PER_MS);
  const held: Held = {
    feed,
    bins: timing.bins,
    published: published.published,
    before: published.before,
    clockBoundNs: Math.ceil(Math.max(1, ...bounds)),
  };
  const hosts: ToldHost[] = [];
  for (const output of outputs) hosts.push(await holdOutput(output, held));
  const { startedAt, messages, warmUpNs, windowNs } = published;
  return {
    schema: SCHEMA,
    id,
    startedAt,
    endedAt: new Date().toISOString(),
    partial: gaps.length > 0,
    plannedTrials: 1,
    command,
    seed: published.seed,
    workload: published.workload,
    manifest: { scheduleHash: published.plannedHash, messages, warmUpNs, windowNs },
    transports: { [spec.variant.transport]: traitsOf(spec.variant.transport) },
    generators: { k6: { label: generatorRow('k6').label, resolutionNs: Math.max(1000, held.clockBoundNs) } },
    environment: environmentOf(published, hosts),
    campaign: null,
    noise: [],
    trials: [trialOf(spec, { published, hosts, gaps, clockBoundNs: held.clockBoundNs })],
  };
}

function specOf({ variant, clients, workload, seed, warmUpNs, windowNs }: Published): TrialSpec & {
  variant: { transport: (typeof TRANSPORT_IDS)[number] };
} {
  const transport = TRANSPORT_IDS.find((known) => known === variant.transport);
  if (transport === undefined || variant.backplane !== 'redis')
    throw new Failure('unmergeable', `this feedbench knows no ${variant.transport} over ${variant.backplane}`);
  return {
    variant: { transport, backplane: 'redis', values: variant.values },
    generator: 'k6',
    clients,
    trial: 1,
    copy: false,
    attempt: 1,
    workload,
    seed,
    warmUpNs,
    windowNs,
  };
}

interface Pieces {
  readonly published: Published;
  readonly hosts: readonly ToldHost[];
  readonly gaps: readonly string[];
  readonly clockBoundNs: number;
}

function trialOf(spec: TrialSpec, pieces: Pieces): MeasuredTrial {
  const { published, hosts } = pieces;
  const timing = planWindow(spec, published.originNs);
  const bins = mergeRecordings([published.recording, ...hosts.map(({ recording }) => recording)]);
  const { warmUp, recorded } = recordedWindow(bins.slice(0, timing.bins.count), {
    timing,
    clients: spec.clients,
    undisturbedBins: timing.bins.count,
  });
  const openedNs = hosts.flatMap((host) => host.openedNs);
  return {
    state: 'measured',
    variant: published.variant,
    generator: 'k6',
    clients: spec.clients,
    trial: 1,
    copy: false,
    attempt: 1,
    startedAt: published.startedAt,
    partial: false,
    scheduleHash: published.publishedHash,
    ...recorded,
    audit: {
      ...mergeAudits(hosts.map(({ audit }) => audit)),
      published: published.published,
      misreported: 0,
    },
    processes: [],
    unwatched: { node: UNSEEN, redis: UNSEEN, publisher: UNSEEN, worker: UNSEEN },
    sources: sources(),
    ramp: {
      durationNs: openedNs.length === 0 ? 0 : Math.round(largest(openedNs) - smallest(openedNs)),
      wireBytes: null,
      serverCpuNs: null,
    },
    oneWayDelayNs: Math.round((median(hosts.map(({ output }) => output.joined.connectMs)) * NS_PER_MS) / 2),
    dueInWindow: dueInWindow(spec, { timing, outcome: published }, warmUp),
    machine: null,
    wallNs: timing.windowEndNs - timing.bins.originNs,
    presence: [],
    sessionEnds: [...mergeEnds(hosts.flatMap(({ ends }) => ends))],
    disruption: null,
    remarks: remarksOf(pieces, openedLate(spec, published.originNs, openedNs)),
  };
}

function sources(): MeasuredTrial['sources'] {
  const unseen: Source = { kind: 'n/a', reason: UNSEEN };
  return Object.fromEntries(METRIC_IDS.filter((id) => !TOLD.has(id)).map((id) => [id, unseen]));
}

/** A held poll is answered, and with it the subscription confirmed, when the first message comes. */
function openedLate({ variant }: TrialSpec, originNs: number, openedNs: readonly number[]): readonly number[] {
  return cadenceOf(variant) === 'held' ? [] : openedNs.filter((moment) => moment > originNs);
}

function remarksOf({ published, hosts, gaps, clockBoundNs }: Pieces, late: readonly number[]): string[] {
  const foreign = hosts.find((host) => host.foreign !== null)?.foreign;
  return [
    ...gaps,
    ...(typeof foreign === 'string' ? [`foreign: ${foreign}`] : []),
    ...hosts.flatMap(({ output, unfinished }) =>
      unfinished > 0 && output.hasParted ? [`${unfinished} clients of ${output.path} did not say how they ended`] : [],
    ),
    ...hosts.flatMap(({ output: { path, joined, clockAfter }, clock }) =>
      clockAfter !== undefined && isUneven(clock, joined.clock, clockAfter)
        ? [`the clock of ${path} was set meanwhile, or runs differently: by ${(clock.driftMs ?? 0).toFixed(1)} ms`]
        : [],
    ),
    ...(late.length > 0
      ? [
          `${late.length} clients connected up to ${formatDuration(largest(late) - published.originNs)} after the feed had begun, and had what they missed late: publish with a longer --lead`,
        ]
      : []),
    `clocks of ${hosts.length} hosts are known to ${formatDuration(clockBoundNs)}: latencies are multiples of that, and none is finer`,
  ];
}

function environmentOf({ instances }: Published, hosts: readonly ToldHost[]): Result['environment'] {
  return {
    hosts: `${instances.length} k6 on hosts of their own: ${UNSEEN}`,
    ...Object.fromEntries(
      hosts.map(({ output: { joined }, clock }) => [
        `k6 ${joined.instance}`,
        `${joined.clients} clients, clock known to ${clock.boundMs.toFixed(3)} ms${clock.driftMs === undefined ? ' before the feed alone' : `, which went ${clock.driftMs.toFixed(3)} ms away`}`,
      ]),
    ),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Of more values than a call has room for. */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}
