import type { FigureRow } from '../../scenarios/claims/figures.ts';
import { isAddressed } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { HistogramId } from '../../scenarios/measures/metrics.ts';
import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { type MeasuredTrial, type Result, windowNs } from '../../scenarios/result/result.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { derive, type Figure, per } from '../figures/figure.ts';
import { counterTotal, type Figures, histogramOf, percentileFigure } from '../figures/figures.ts';

/** What one trial says. */
type Reading = (trial: MeasuredTrial, figures: Figures, result: Result) => Figure;

/** Trials of a transport that is otherwise as usual; over Redis, or coming back by a policy, where that is the point. */
export interface Selection {
  readonly transport: string;
  readonly backplane?: 'redis';
  readonly reconnect?: string;
}

/** What trials of any run say for claims, one value a trial; of two variants, the ratio of their trials in one block. */
export interface RunFigureRow extends FigureRow {
  readonly of: Selection;
  readonly to?: Selection;
  readonly read: Reading;
}

/** So many are "thousands"; of fewer clients nothing follows for them. */
export const THOUSANDS = 2000;
/** What a message may take that is there "the instant" that it arrives, in under a millisecond. */
const INSTANT_NS = NS_PER_MS;

const WEBSOCKET: Selection = { transport: 'websocket' };
const POLLING: Selection = { transport: 'polling' };
const LONG_POLLING: Selection = { transport: 'long-polling' };
const OVER_REDIS: Selection = { transport: 'websocket', backplane: 'redis' };
const GUIDE: Selection = { transport: 'websocket', reconnect: 'guide' };
const BARE: Selection = { transport: 'websocket', reconnect: 'bare' };
const FULL: Selection = { transport: 'websocket', reconnect: 'full' };

const NO_FAULT = { reason: 'nothing was made to happen, or not all came back' };
const TOO_FEW = { reason: `there are fewer than ${THOUSANDS.toLocaleString('en-US')} clients` };
const OTHERS_TALK = { reason: 'more than the feed goes over these connections' };

const STALENESS: Reading = (trial) => percentileFigure(trial, 'staleness', 50);
const WIRE_BYTES: Reading = (_, { wireBytesPerMessage }) => wireBytesPerMessage.total;
const CLIENT_BYTES: Reading = (_, { wireBytesPerClientSecond }) => wireBytesPerClientSecond;
const NODE_CPU: Reading = (_, { nodeCpuNsPerMessage }) => nodeCpuNsPerMessage;
const PEAK: Reading = ({ disruption }) => disruption?.episodes[0]?.mostConnectsPerSecond ?? NO_FAULT;
const ALL_BACK: Reading = ({ disruption }) => disruption?.episodes[0]?.connectedNs.at(-1) ?? NO_FAULT;

export const RUN_FIGURES = {
  clients: { unit: 'count', meaning: 'clients', of: WEBSOCKET, read: ({ clients }) => clients },
  messagesAnInterval: {
    unit: 'count',
    meaning: 'messages for a client in a poll interval',
    of: POLLING,
    read: messagesAnInterval,
  },

  pollingStalenessNs: time('staleness p50, HTTP polling', POLLING, STALENESS),
  longPollingStalenessNs: time('staleness p50, HTTP long-polling', LONG_POLLING, STALENESS),
  webSocketStalenessNs: time('staleness p50, WebSocket', WEBSOCKET, STALENESS),
  pollingStalenessTimes: fragileRatio('staleness p50, HTTP polling by WebSocket', POLLING, STALENESS),
  longPollingStalenessTimes: fragileRatio('staleness p50, HTTP long-polling by WebSocket', LONG_POLLING, STALENESS),
  deliveryNs: time('from published to its client, p50, WebSocket', WEBSOCKET, (trial) =>
    percentileFigure(trial, 'delivery', 50),
  ),
  promptShare: {
    unit: 'share',
    meaning: 'deliveries within 1 ms of their publication, WebSocket',
    fragile: true,
    of: WEBSOCKET,
    read: (trial) => shareBelow(trial, 'delivery', INSTANT_NS),
  },

  pollingMessageBytes: bytes('wire bytes a message, HTTP polling', POLLING, WIRE_BYTES),
  longPollingMessageBytes: bytes('wire bytes a message, HTTP long-polling', LONG_POLLING, WIRE_BYTES),
  webSocketMessageBytes: bytes('wire bytes a message, WebSocket', WEBSOCKET, WIRE_BYTES),
  pollingClientBytes: bytes('wire bytes a client and second, HTTP polling', POLLING, CLIENT_BYTES),
  webSocketClientBytes: bytes('wire bytes a client and second, WebSocket', WEBSOCKET, CLIENT_BYTES),
  pollBytes: bytes('wire bytes of a poll with its answer', POLLING, (trial, { answers }) =>
    derive(
      [counterTotal(trial, 'wireBytesDown'), counterTotal(trial, 'wireBytesUp'), answers],
      (down, up, polls) => (down + up) / polls,
    ),
  ),
  pollingBytesTimes: {
    unit: 'times',
    meaning: 'wire bytes a message, HTTP polling by WebSocket',
    of: POLLING,
    to: WEBSOCKET,
    read: WIRE_BYTES,
  },
  longPollingBytesTimes: fragileRatio('wire bytes a message, HTTP long-polling by WebSocket', LONG_POLLING, WIRE_BYTES),
  pollingCpuTimes: fragileRatio('server CPU a message, HTTP polling by WebSocket', POLLING, NODE_CPU),
  longPollingCpuTimes: fragileRatio('server CPU a message, HTTP long-polling by WebSocket', LONG_POLLING, NODE_CPU),
  emptyShare: {
    unit: 'share',
    meaning: 'polls that came back empty',
    of: POLLING,
    read: (_, { emptyShare }) => emptyShare,
  },
  frameOverheadBytes: bytes('what a WebSocket adds to each message on the socket', WEBSOCKET, listening(overheadOf)),
  requestBytes: bytes(
    'what a client of a WebSocket sends a second while it listens',
    WEBSOCKET,
    listening((trial) => perClientSecond(trial, counterTotal(trial, 'transportBytesUp'))),
  ),
  exchangeBytes: bytes('what a poll and its answer take on the socket, less the messages', POLLING, listening(besides)),

  connections: {
    unit: 'count',
    meaning: 'WebSockets that were held',
    of: WEBSOCKET,
    read: ({ clients }, { connectionsPeak }) => (clients < THOUSANDS ? TOO_FEW : connectionsPeak),
  },
  faults: {
    unit: 'count',
    meaning: 'messages that their clients did not get, or not rightly',
    of: WEBSOCKET,
    read: ({ audit }) => auditFaults(audit),
  },
  connectionBytes: bytes('memory of the server a connection', WEBSOCKET, memoryAConnection),

  redisWayNs: time('from published to in the log of a node over Redis, p50', OVER_REDIS, (trial) =>
    percentileFigure(trial, 'backplane', 50),
  ),
  redisFaults: {
    unit: 'count',
    meaning: 'messages over Redis that clients did not get, or not rightly',
    of: OVER_REDIS,
    read: ({ audit }) => auditFaults(audit),
  },

  guidePeak: peak('most connects a second after a node was killed, the guide’s backoff and jitter', GUIDE),
  barePeak: peak('the same without jitter', BARE),
  fullPeak: peak('the same with full jitter', FULL),
  guidePeakTimes: {
    unit: 'times',
    meaning: 'that peak with the guide’s jitter, by the one without',
    fragile: true,
    of: GUIDE,
    to: BARE,
    read: PEAK,
  },
  guideBackNs: time('until all were back, the guide’s backoff and jitter', GUIDE, ALL_BACK),
  bareBackNs: time('until all were back, without jitter', BARE, ALL_BACK),
  fullBackNs: time('until all were back, with full jitter', FULL, ALL_BACK),
  guideNeverBack: {
    unit: 'count',
    meaning: 'clients with the guide’s backoff that did not come back',
    of: GUIDE,
    read: ({ disruption }) => disruption?.episodes[0]?.neverBack ?? NO_FAULT,
  },
} as const satisfies Record<string, RunFigureRow>;

export type RunFigureId = keyof typeof RUN_FIGURES;

function time(meaning: string, of: Selection, read: Reading): RunFigureRow {
  return { unit: 'ns', meaning, fragile: true, of, read };
}

function bytes(meaning: string, of: Selection, read: Reading): RunFigureRow {
  return { unit: 'bytes', meaning, of, read };
}

function peak(meaning: string, of: Selection): RunFigureRow {
  return { unit: 'perSecond', meaning, fragile: true, of, read: PEAK };
}

/** By a WebSocket in the same block. */
function fragileRatio(meaning: string, of: Selection, read: Reading): RunFigureRow {
  return { unit: 'times', meaning, fragile: true, of, to: WEBSOCKET, read };
}

/** Of a feed that clients only listen to: elsewhere commands, answers and presence go over the same connections. */
function listening(read: Reading): Reading {
  return (trial, figures, result) => (isAddressed(result.workload.feed) ? OTHERS_TALK : read(trial, figures, result));
}

function perClientSecond(trial: MeasuredTrial, total: Figure): Figure {
  return per(total, (trial.clients * windowNs(trial)) / NS_PER_SECOND, 'the window is empty');
}

/** Of a feed for all by its plan: polls of the beginning bring less than an interval has. */
function messagesAnInterval(trial: MeasuredTrial, { deliveries }: Figures, { workload }: Result): Figure {
  const { feed, pollIntervalNs } = workload;
  const perSecond = isAddressed(feed)
    ? perClientSecond(trial, deliveries)
    : per(trial.dueInWindow, windowNs(trial) / NS_PER_SECOND, 'the window is empty');
  return derive([perSecond], (rate) => (rate * pollIntervalNs) / NS_PER_SECOND);
}

function overheadOf(_: MeasuredTrial, { transportBytesPerMessage: { down }, payloadBytesPerMessage }: Figures): Figure {
  return derive([down, payloadBytesPerMessage], (all, payload) => all - payload);
}

function besides(trial: MeasuredTrial, { answers }: Figures): Figure {
  const [down, up, payload] = (['transportBytesDown', 'transportBytesUp', 'payloadBytes'] as const).map((id) =>
    counterTotal(trial, id),
  ) as [Figure, Figure, Figure];
  return per(
    derive([down, up, payload], (read, written, own) => read + written - own),
    answers,
    'nothing was answered in the window',
  );
}

/** Of the deliveries in the window, to the resolution of the histogram. */
function shareBelow(trial: MeasuredTrial, id: HistogramId, limitNs: number): Figure {
  const histogram = histogramOf(trial, id);
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
  return derive([rssMaxBytes.node], (most) => (most - before.reduce((sum, own) => sum + own, 0)) / trial.clients);
}
