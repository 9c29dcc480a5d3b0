import type { ClaimFigureId, ClaimFigures } from '../../scenarios/claims/figures.ts';
import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { isMeasured, type MeasuredTrial, type Result, windowNs } from '../../scenarios/result/result.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { derive, type Figure, isAvailable, per } from '../figures/figure.ts';
import { counterTotal, type Figures, figuresOf, histogramOf, percentileFigure } from '../figures/figures.ts';

/** What one trial says for a claim. */
type Reading = (trial: MeasuredTrial, figures: Figures, result: Result) => Figure;

/** Which trials: those of a transport, or of a policy by which clients come back; all of them otherwise. */
interface Reader {
  readonly transport?: string;
  readonly reconnect?: string;
  readonly read: Reading;
}

type Readers = Readonly<Partial<Record<ClaimFigureId, Reader>>>;

const STALENESS: Reading = (trial) => percentileFigure(trial, 'staleness', 50);
const MESSAGE_BYTES: Reading = (_, { wireBytesPerMessage }) => wireBytesPerMessage.total;
const MESSAGE_CPU: Reading = (_, { serverCpuNsPerMessage }) => serverCpuNsPerMessage;
const EMPTY_SHARE: Reading = (_, { emptyShare }) => emptyShare;
const AN_INTERVAL: Reading = (trial, _, { workload }) =>
  (trial.dueInWindow / windowNs(trial)) * workload.pollIntervalNs;
const CLIENT_BYTES: Reading = (_, { wireBytesPerClientSecond }) => wireBytesPerClientSecond;
const CLIENT_CPU: Reading = (trial, { cpuNs }) => perClientSecond(trial, cpuNs.node);
const PROMPT: Reading = (trial) => shareBelow(trial, NS_PER_MS);
const PEAK: Reading = ({ disruption }) => disruption?.episodes[0]?.mostConnectsPerSecond ?? NO_FAULT;
const ALL_BACK: Reading = ({ disruption }) => disruption?.episodes[0]?.connectedNs.at(-1) ?? NO_FAULT;

const NO_FAULT = { reason: 'nothing was made to happen, or not all came back' };

/** What each run for claims gives, by the name of its workload. */
const READERS: Readonly<Record<string, Readers>> = {
  feed: {
    pollingStalenessNs: { transport: 'polling', read: STALENESS },
    longPollingStalenessNs: { transport: 'long-polling', read: STALENESS },
    webSocketStalenessNs: { transport: 'websocket', read: STALENESS },
    pollingMessageBytes: { transport: 'polling', read: MESSAGE_BYTES },
    longPollingMessageBytes: { transport: 'long-polling', read: MESSAGE_BYTES },
    webSocketMessageBytes: { transport: 'websocket', read: MESSAGE_BYTES },
    pollingMessageCpuNs: { transport: 'polling', read: MESSAGE_CPU },
    longPollingMessageCpuNs: { transport: 'long-polling', read: MESSAGE_CPU },
    webSocketMessageCpuNs: { transport: 'websocket', read: MESSAGE_CPU },
    busyEmptyShare: { transport: 'polling', read: EMPTY_SHARE },
    messagesAnInterval: { transport: 'polling', read: AN_INTERVAL },
    manyClientsPromptShare: { transport: 'websocket', read: PROMPT },
    frameOverheadBytes: {
      transport: 'websocket',
      read: (_, { transportBytesPerMessage, payloadBytesPerMessage }) =>
        derive([transportBytesPerMessage.down, payloadBytesPerMessage], (all, payload) => all - payload),
    },
    requestBytes: {
      transport: 'websocket',
      read: (trial) => perClientSecond(trial, counterTotal(trial, 'transportBytesUp')),
    },
  },
  quiet: {
    quietEmptyShare: { transport: 'polling', read: EMPTY_SHARE },
    quietMessagesAnInterval: { transport: 'polling', read: AN_INTERVAL },
    quietPollingBytes: { transport: 'polling', read: CLIENT_BYTES },
    quietWebSocketBytes: { transport: 'websocket', read: CLIENT_BYTES },
    quietPollingCpuNs: { transport: 'polling', read: CLIENT_CPU },
    quietWebSocketCpuNs: { transport: 'websocket', read: CLIENT_CPU },
    quietPollBytes: {
      transport: 'polling',
      read: (trial, { answers }) =>
        derive(
          [counterTotal(trial, 'wireBytesDown'), counterTotal(trial, 'wireBytesUp'), answers],
          (down, up, polls) => (down + up) / polls,
        ),
    },
  },
  few: {
    fewClientsStalenessNs: { read: STALENESS },
    fewClientsPromptShare: { read: PROMPT },
  },
  crowd: {
    heldConnections: { read: (_, { connectionsPeak }) => connectionsPeak },
    heldFaults: { read: ({ audit }) => auditFaults(audit) },
    heldBytes: { read: memoryAConnection },
  },
  herd: {
    guidePeak: { reconnect: 'guide', read: PEAK },
    barePeak: { reconnect: 'bare', read: PEAK },
    fullPeak: { reconnect: 'full', read: PEAK },
    guideBackNs: { reconnect: 'guide', read: ALL_BACK },
    bareBackNs: { reconnect: 'bare', read: ALL_BACK },
    fullBackNs: { reconnect: 'full', read: ALL_BACK },
    neverBack: { read: ({ disruption }) => disruption?.episodes[0]?.neverBack ?? NO_FAULT },
  },
};

/** The names of the runs that claims rest on: workloads of their own. */
export const CLAIM_RUNS = Object.keys(READERS);

/** One value a trial: where a variant was measured as two, both are trials of the same. */
export function figuresOfRun(result: Result): ClaimFigures {
  const readers = Object.entries(READERS[result.workload.name] ?? {}) as [ClaimFigureId, Reader][];
  const trials = result.trials.filter(isMeasured);
  return Object.fromEntries(
    readers.map(([id, { transport, reconnect, read }]) => {
      const own = trials.filter(
        ({ variant }) =>
          (transport === undefined || variant.transport === transport) &&
          (reconnect === undefined || variant.values['reconnect'] === reconnect),
      );
      return [id, own.map((trial) => read(trial, figuresOf(trial), result)).filter(isAvailable)];
    }),
  );
}

function perClientSecond(trial: MeasuredTrial, total: Figure): Figure {
  return per(total, (trial.clients * windowNs(trial)) / NS_PER_SECOND, 'the window is empty');
}

/** Of the deliveries in the window, to the resolution of the histogram. */
function shareBelow(trial: MeasuredTrial, limitNs: number): Figure {
  const histogram = histogramOf(trial, 'staleness');
  if (!(histogram instanceof Histogram)) return histogram;
  let low = 0;
  let high = 100;
  // Percentiles grow: the last one below the limit is the share.
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    if (histogram.percentileNs(middle) < limitNs) low = middle;
    else high = middle;
  }
  return low / 100;
}

/** What the node took for its connections, by its memory before they came and at most. */
function memoryAConnection(trial: MeasuredTrial, { rssMaxBytes }: Figures): Figure {
  const before = trial.processes
    .filter(({ role }) => role === 'node')
    .map(({ rssBytesBeforeRamp }) => rssBytesBeforeRamp);
  return derive([rssMaxBytes.node], (most) => (most - before.reduce((sum, bytes) => sum + bytes, 0)) / trial.clients);
}
