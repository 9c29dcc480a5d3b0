import { deliversLatest } from '../../scenarios/feed/conflation.ts';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { Histogram, type HistogramSnapshot } from '../../scenarios/measures/histogram.ts';
import type { CounterId, GaugeId, HistogramId, MetricId } from '../../scenarios/measures/metrics.ts';
import { inWindow, type MeasuredTrial, type ProcessRecord, sourceOf, windowNs } from '../../scenarios/result/result.ts';
import { type Role, ROLES, SERVER_ROLES } from '../../scenarios/process-roles.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { isBalanced, nodesOf } from '../../scenarios/variant.ts';
import { derive, type Figure, isAvailable, type NotAvailable, per, sum } from './figure.ts';
import { fitLine } from './statistics.ts';

export interface Latency {
  readonly count: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** Bytes for each delivered message, towards the clients and from them. */
interface LayerBytes {
  readonly down: Figure;
  readonly up: Figure;
  readonly total: Figure;
}

/** What one trial says, over its measured window alone. "Message" means a message delivered to one client. */
export interface Figures {
  readonly staleness: Latency | NotAvailable;
  readonly deliveries: Figure;
  readonly deliveriesPerSecond: Figure;
  /** What clients said, for each delivered message: 0 where they only listen. */
  readonly commandsPerMessage: Figure;
  readonly payloadBytesPerMessage: Figure;
  readonly transportBytesPerMessage: LayerBytes;
  readonly wireBytesPerMessage: LayerBytes;
  /** Of both directions, whatever was delivered for them. */
  readonly wireBytesPerClientSecond: Figure;
  /** For each message that was published, however many clients it went to. */
  readonly backplaneBytesPerPublished: Figure;
  /** Between a balancer and nodes, both ways, for each delivered message. */
  readonly balancerBytesPerMessage: Figure;
  /** That a balancer opened to nodes, for each HTTP answer that a client got: 1 where it keeps none. */
  readonly balancerConnectionsPerAnswer: Figure;
  readonly connectionsPeak: Figure;
  /** Over the window. */
  readonly serverCpuNs: Figure;
  readonly serverCpuNsPerMessage: Figure;
  readonly nodeCpuNsPerMessage: Figure;
  readonly generatorCpuNsPerMessage: Figure;
  /** CPU of all workers, in cores. */
  readonly generatorCores: Figure;
  readonly answers: Figure;
  /** How often a node asked what stands behind it, to answer polls. */
  readonly originReadsPerNodeSecond: Figure;
  readonly emptyShare: Figure;
  readonly cpuNs: Readonly<Record<Role, Figure>>;
  /** What one delivery adds: without what the role's processes use when there is none. */
  readonly cpuNsPerDelivery: Readonly<Record<Role, Figure>>;
  /** Runnable, and without a core. */
  readonly waitNs: Readonly<Record<Role, Figure>>;
  readonly rssMaxBytes: Readonly<Record<Role, Figure>>;
}

const NO_DELIVERIES = 'nothing was delivered in the window';

export function figuresOf(trial: MeasuredTrial): Figures {
  const deliveries = counterTotal(trial, 'deliveries');
  const perMessage = (total: Figure): Figure => per(total, deliveries, NO_DELIVERIES);
  const perLayer = (down: CounterId, up: CounterId): LayerBytes => layerBytes(trial, { down, up }, perMessage);
  return {
    staleness: latencyOf(trial, 'staleness'),
    deliveries,
    deliveriesPerSecond: per(deliveries, windowNs(trial) / NS_PER_SECOND, 'the window is empty'),
    commandsPerMessage: perMessage(commandsOf(trial)),
    payloadBytesPerMessage: perMessage(counterTotal(trial, 'payloadBytes')),
    transportBytesPerMessage: perLayer('transportBytesDown', 'transportBytesUp'),
    wireBytesPerMessage: perLayer('wireBytesDown', 'wireBytesUp'),
    wireBytesPerClientSecond: per(
      derive([counterTotal(trial, 'wireBytesDown'), counterTotal(trial, 'wireBytesUp')], (down, up) => down + up),
      (trial.clients * windowNs(trial)) / NS_PER_SECOND,
      'the window is empty',
    ),
    backplaneBytesPerPublished: per(
      counterTotal(trial, 'backplaneBytes'),
      counterTotal(trial, 'published'),
      'nothing was published in the window',
    ),
    ...behindBalancer(trial, perMessage),
    connectionsPeak: gauge(trial, 'connections', (levels) => Math.max(...levels)),
    serverCpuNs: cpuNs(trial, SERVER_ROLES),
    serverCpuNsPerMessage: perMessage(cpuNs(trial, SERVER_ROLES)),
    nodeCpuNsPerMessage: perMessage(cpuNs(trial, ['node'])),
    generatorCpuNsPerMessage: perMessage(cpuNs(trial, ['worker'])),
    generatorCores: per(cpuNs(trial, ['worker']), windowNs(trial), 'the window is empty'),
    answers: counterTotal(trial, 'answers'),
    originReadsPerNodeSecond: per(
      originReads(trial),
      (nodesOf(trial.variant) * windowNs(trial)) / NS_PER_SECOND,
      'the window is empty',
    ),
    emptyShare: per(
      counterTotal(trial, 'emptyAnswers'),
      counterTotal(trial, 'answers'),
      'no HTTP answers in the window',
    ),
    cpuNs: byRole((role) => cpuNs(trial, [role])),
    cpuNsPerDelivery: byRole((role) => perMessage(busyCpuNs(trial, role))),
    waitNs: byRole((role) => waitNs(trial, role)),
    rssMaxBytes: byRole((role) => rssMaxBytes(trial, role)),
  };
}

/**
 * Messages of the window whose latencies are samples of their own: those that were due. Where each client gets the newest of
 * each key as it comes, they are those that came to one; clients that poll get different ones, all of them together.
 */
export function supportingMessages(trial: MeasuredTrial): number {
  const { values } = trial.variant;
  if (!deliversLatest(values) || values['pollIntervalNs'] !== undefined) return trial.dueInWindow;
  const deliveries = counterTotal(trial, 'deliveries');
  return isAvailable(deliveries)
    ? Math.min(trial.dueInWindow, Math.round(deliveries / trial.clients))
    : trial.dueInWindow;
}

function layerBytes(
  trial: MeasuredTrial,
  counters: { readonly down: CounterId; readonly up: CounterId },
  perMessage: (total: Figure) => Figure,
): LayerBytes {
  const down = perMessage(counterTotal(trial, counters.down));
  const up = perMessage(counterTotal(trial, counters.up));
  return { down, up, total: derive([down, up], (a, b) => a + b) };
}

/** What clients said and were answered: messages, and that they write, join or leave. */
function commandsOf(trial: MeasuredTrial): Figure {
  const parts = [counterTotal(trial, 'acknowledged'), counterTotal(trial, 'otherCommands')];
  return derive(parts, (messages, others) => messages + others);
}

/** Only polls are answered from what stands behind a node; older files did not count it. */
function originReads(trial: MeasuredTrial): Figure {
  if (trial.variant.values['origin'] === undefined) return { reason: 'nobody asks what stands behind a node' };
  return counterTotal(trial, 'originReads');
}

function behindBalancer(
  trial: MeasuredTrial,
  perMessage: (total: Figure) => Figure,
): Pick<Figures, 'balancerBytesPerMessage' | 'balancerConnectionsPerAnswer'> {
  const bytes = (['balancerBytesDown', 'balancerBytesUp'] as const).map((id) => balancerTotal(trial, id));
  return {
    balancerBytesPerMessage: perMessage(derive(bytes, (down, up) => down + up)),
    balancerConnectionsPerAnswer: per(
      balancerTotal(trial, 'balancerConnections'),
      counterTotal(trial, 'answers'),
      'no HTTP answers in the window',
    ),
  };
}

/** Files from before there were balancers do not say that there is none. */
function balancerTotal(trial: MeasuredTrial, id: CounterId): Figure {
  return isBalanced(trial.variant) ? counterTotal(trial, id) : { reason: 'there is no balancer' };
}

/** The sum over the window. A counter that was never raised in a trial has no bins in its result: that is a true 0. */
export function counterTotal(trial: MeasuredTrial, id: CounterId): Figure {
  const source = sourceOf(trial, id);
  return source.kind === 'n/a' ? { reason: source.reason } : sum(inWindow(trial, trial.countersPerBin[id]));
}

/** `fold` gets the levels seen in the window, at least one. */
export function gauge(trial: MeasuredTrial, id: GaugeId, fold: (levels: readonly number[]) => number): Figure {
  const levels = inWindow(trial, trial.gaugesPerBin[id]).filter((level) => level !== null);
  return missing(trial, id, trial.gaugesPerBin[id]) ?? (levels.length === 0 ? NOT_SEEN : fold(levels));
}

/** Merged over the window, not averaged from parts. */
export function histogramOf(trial: MeasuredTrial, id: HistogramId): Histogram | NotAvailable {
  const snapshot = trial.histograms[id];
  const absent = missing(trial, id, snapshot);
  if (absent !== undefined) return absent;
  if (snapshot === undefined || snapshot.count === 0) return NOT_SEEN;
  try {
    return unpacked(snapshot);
  } catch (error) {
    throw brokenHistogram(trial, id, error);
  }
}

/** Not looked at when a result is read: that would take longer than all the rest of it. */
function brokenHistogram({ variant, startedAt }: MeasuredTrial, id: HistogramId, cause: unknown): Failure {
  return new Failure(
    'unreadable',
    `the histogram "${id}" of the ${variant.transport} trial of ${startedAt} cannot be read (${errorMessage(cause)}): its file was changed or damaged; take a copy of it, or run the scenario again`,
    { cause },
  );
}

/** Unpacking one takes longer than reading a percentile, and a report reads many. Nobody records into these. */
const unpackedOnes = new WeakMap<HistogramSnapshot, Histogram>();

function unpacked(snapshot: HistogramSnapshot): Histogram {
  const known = unpackedOnes.get(snapshot);
  if (known !== undefined) return known;
  const histogram = Histogram.from(snapshot);
  unpackedOnes.set(snapshot, histogram);
  return histogram;
}

export function latencyOf(trial: MeasuredTrial, id: HistogramId): Latency | NotAvailable {
  const histogram = histogramOf(trial, id);
  if (!(histogram instanceof Histogram)) return histogram;
  return {
    count: histogram.count,
    meanNs: histogram.meanNs,
    p50Ns: histogram.percentileNs(50),
    p90Ns: histogram.percentileNs(90),
    p99Ns: histogram.percentileNs(99),
    maxNs: histogram.maxNs,
  };
}

/** `percentile` in 0..100. */
export function percentileFigure(trial: MeasuredTrial, id: HistogramId, percentile: number): Figure {
  const snapshot = trial.histograms[id];
  const absent = missing(trial, id, snapshot);
  if (absent !== undefined || snapshot === undefined || snapshot.count === 0) return absent ?? NOT_SEEN;
  const known = knownPercentiles.get(snapshot) ?? new Map<number, number>();
  const figure = known.get(percentile) ?? Histogram.from(snapshot).percentileNs(percentile);
  knownPercentiles.set(snapshot, known.set(percentile, figure));
  return figure;
}

/** Ratios, ranks and tables ask for the same ones many times, and each time a histogram would be decoded. */
const knownPercentiles = new WeakMap<HistogramSnapshot, Map<number, number>>();

/** One field of a latency that may be missing. */
export function latencyFigure(latency: Latency | NotAvailable, field: keyof Latency): Figure {
  return 'reason' in latency ? latency : latency[field];
}

/** CPU over the window of one process. */
export function processCpuNs(trial: MeasuredTrial, { cpuNsPerBin }: ProcessRecord): Figure {
  if (cpuNsPerBin.length === 0) return { reason: 'this system did not tell what its processes use' };
  return sum(inWindow(trial, cpuNsPerBin));
}

/** Time over the window in which a process could have run and had no core. */
export function processWaitNs(trial: MeasuredTrial, { waitNsPerBin }: ProcessRecord): Figure {
  if (waitNsPerBin === null) return { reason: 'this system does not tell how long processes wait for a core' };
  return sum(inWindow(trial, waitNsPerBin));
}

/** What programs other than the trial's own had of its cores over the window, as a share of all of their time. */
export function foreignShare(trial: MeasuredTrial): Figure {
  if (trial.machine === null) return { reason: 'this version of the result file did not keep it' };
  // What it uses on this machine, if it is there, is not told from what others do.
  if (trial.unwatched?.node !== undefined) return { reason: trial.unwatched.node };
  const coresNs = windowNs(trial) * trial.machine.cores.length;
  const ownNs = trial.processes.map((process) => processCpuNs(trial, process));
  return derive(
    [
      counterTotal(trial, 'coresBusy'),
      counterTotal(trial, 'coordinatorCpu'),
      counterTotal(trial, 'yardstickCpu'),
      ...ownNs,
    ],
    (busyNs, ...usedNs) => Math.max(0, busyNs - sum(usedNs)) / coresNs,
  );
}

/** CPU of the server side in each bin of the trial, warm-up included. */
export function serverCpuNsPerBin(trial: MeasuredTrial): number[] {
  const servers = trial.processes.filter((process) => SERVER_ROLES.includes(process.role));
  return Array.from({ length: trial.window.bins }, (_, bin) =>
    sum(servers.map((process) => process.cpuNsPerBin[bin] ?? 0)),
  );
}

const NOT_SEEN: NotAvailable = { reason: 'nothing was recorded in the window' };

function missing(trial: MeasuredTrial, id: MetricId, recorded: object | undefined): NotAvailable | undefined {
  const source = sourceOf(trial, id);
  if (source.kind === 'n/a') return { reason: source.reason };
  return recorded === undefined ? { reason: 'not recorded in this trial' } : undefined;
}

function byRole(figure: (role: Role) => Figure): Record<Role, Figure> {
  return Object.fromEntries(ROLES.map((role) => [role, figure(role)])) as Record<Role, Figure>;
}

function cpuNs(trial: MeasuredTrial, roles: readonly Role[]): Figure {
  const processes = trial.processes.filter((process) => roles.includes(process.role));
  if (processes.length === 0) return noProcess(trial, roles);
  return sumOf(processes.map((process) => processCpuNs(trial, process)));
}

function waitNs(trial: MeasuredTrial, role: Role): Figure {
  const processes = trial.processes.filter((process) => process.role === role);
  if (processes.length === 0) return noProcess(trial, [role]);
  return sumOf(processes.map((process) => processWaitNs(trial, process)));
}

function sumOf(figures: readonly Figure[]): Figure {
  return derive(figures, (...values) => sum(values));
}

/** Bins without deliveries that it takes to know what a process uses when it has nothing to do. */
const FEWEST_QUIET_BINS = 3;
/** Of the slope: with more it says less of a delivery than the mean of the window does. */
const MOST_SLOPE_ERROR = 0.25;

/**
 * CPU of the role's processes over the window, less what they use whatever is delivered. Where bins have more and fewer
 * deliveries, that is where the line through them begins; where some have none, what is used in those. In a steady feed it
 * is not known, and hardly counts.
 */
function busyCpuNs(trial: MeasuredTrial, role: Role): Figure {
  const deliveries = inWindow(trial, trial.countersPerBin.deliveries);
  const processes = trial.processes.filter((process) => process.role === role);
  const perProcess = processes.map((process) => inWindow(trial, process.cpuNsPerBin));
  const used = deliveries.map((_, bin) => sum(perProcess.map((own) => own[bin] ?? 0)));
  const idleNs = idleNsPerBin(deliveries, used) * deliveries.length;
  return derive([cpuNs(trial, [role])], (total) => Math.max(0, total - idleNs));
}

function idleNsPerBin(deliveries: readonly number[], used: readonly number[]): number {
  const line = fitLine(deliveries, used);
  if (line !== undefined && line.slopeError <= MOST_SLOPE_ERROR * line.slope) return Math.max(0, line.start);
  const quiet = used.filter((_, bin) => deliveries[bin] === 0);
  return quiet.length < FEWEST_QUIET_BINS ? 0 : sum(quiet) / quiet.length;
}

/** The most that the role's processes held together at the end of a bin. */
function rssMaxBytes(trial: MeasuredTrial, role: Role): Figure {
  const perProcess = trial.processes
    .filter((process) => process.role === role)
    .map((process) => inWindow(trial, process.rssBytesPerBin));
  if (perProcess.length === 0) return noProcess(trial, [role]);
  const bins = Math.max(...perProcess.map((perBin) => perBin.length));
  if (bins === 0) return NOT_SEEN;
  return Math.max(
    ...Array.from({ length: bins }, (_, bin) => sum(perProcess.map((perBin) => perBin[bin] ?? perBin.at(-1) ?? 0))),
  );
}

function noProcess({ unwatched = {} }: MeasuredTrial, roles: readonly Role[]): NotAvailable {
  const unseen = roles.flatMap((role) => unwatched[role] ?? []);
  if (unseen[0] !== undefined) return { reason: unseen[0] };
  return { reason: `this trial had no ${roles.join(' or ')} process of its own` };
}
