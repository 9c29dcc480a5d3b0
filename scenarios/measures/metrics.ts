/**
 * Every raw metric: one row here, and one call where it happens. The kind chooses how it is kept and merged; recorder,
 * result file, CSV and tables follow from the row.
 *
 * - `histogram`: nanoseconds in an HdrHistogram; bins by the moment the message was due.
 * - `counter`: a sum over its bin; bins by the moment it happened.
 * - `gauge`: a level, the last one seen in its bin; processes add up.
 */
interface Metric {
  readonly kind: 'histogram' | 'counter' | 'gauge';
  readonly unit: string;
  readonly label: string;
  readonly meaning: string;
}

export const METRICS = {
  staleness: { kind: 'histogram', unit: 'ns', label: 'staleness', meaning: 'from due to readable at the client' },
  lateness: { kind: 'histogram', unit: 'ns', label: 'lateness', meaning: 'from due to published' },
  backplane: {
    kind: 'histogram',
    unit: 'ns',
    label: 'backplane',
    meaning: "from published to appended to a node's log",
  },
  delivery: { kind: 'histogram', unit: 'ns', label: 'delivery', meaning: 'from published to readable at the client' },
  acknowledgement: {
    kind: 'histogram',
    unit: 'ns',
    label: 'acknowledgement',
    meaning: 'from said by a client to readable at that client that it is in the log',
  },
  toFirst: {
    kind: 'histogram',
    unit: 'ns',
    label: 'to first',
    meaning: 'from due to readable at the client, of the first message of each stream',
  },
  gap: {
    kind: 'histogram',
    unit: 'ns',
    label: 'gap',
    meaning: 'from one message of a stream to the next, when they became readable at its client',
  },
  resumption: {
    kind: 'histogram',
    unit: 'ns',
    label: 'resumption',
    meaning: 'the same where the connection of the client was cut between the two',
  },
  ageReplaced: {
    kind: 'histogram',
    unit: 'ns',
    label: 'age replaced',
    meaning: 'of what a client showed of a sender: from due until a newer value was readable in its place',
  },

  published: {
    kind: 'counter',
    unit: 'messages',
    label: 'published',
    meaning: 'messages handed to the backplane, or said by clients',
  },
  acknowledged: {
    kind: 'counter',
    unit: 'messages',
    label: 'acknowledged',
    meaning: 'messages of which the client that said them learned that they are in the log',
  },
  saidAgain: {
    kind: 'counter',
    unit: 'messages',
    label: 'said again',
    meaning: 'acknowledged messages that were in the log already when they came: no answer had been heard',
  },
  refusals: {
    kind: 'counter',
    unit: 'commands',
    label: 'refusals',
    meaning: 'what clients or the publisher said and servers answered that they did not do',
  },
  otherCommands: {
    kind: 'counter',
    unit: 'commands',
    label: 'other commands',
    meaning: 'what clients said besides messages: that somebody writes, joins or leaves',
  },
  signals: {
    kind: 'counter',
    unit: 'signals',
    label: 'signals',
    meaning: 'unnumbered news that became readable at clients: that somebody writes',
  },
  deliveries: {
    kind: 'counter',
    unit: 'messages',
    label: 'deliveries',
    meaning: 'messages that became readable at clients',
  },
  clockErrors: {
    kind: 'counter',
    unit: 'messages',
    label: 'clock errors',
    meaning: 'deliveries that seem older than their publication',
  },
  answers: { kind: 'counter', unit: 'answers', label: 'answers', meaning: 'HTTP answers that clients received' },
  emptyAnswers: { kind: 'counter', unit: 'answers', label: 'empty answers', meaning: 'HTTP answers without a message' },
  hiddenAnswers: {
    kind: 'counter',
    unit: 'answers',
    label: 'hidden answers',
    meaning: 'HTTP answers that came to clients whose tab was hidden',
  },
  shownTime: {
    kind: 'counter',
    unit: 'ns',
    label: 'shown time',
    meaning: 'for how long clients showed a value of a sender until a newer one came, of all senders and clients',
  },
  shownAge: {
    kind: 'counter',
    unit: 'ns·s',
    label: 'shown age',
    meaning: 'how old what they showed was meanwhile, from due, added up over that time',
  },
  payloadBytes: {
    kind: 'counter',
    unit: 'bytes',
    label: 'payload bytes',
    meaning: 'bytes of messages as the app sees them',
  },
  transportBytesDown: {
    kind: 'counter',
    unit: 'bytes',
    label: 'transport bytes down',
    meaning: 'bytes read from client sockets: payload, headers, framing',
  },
  transportBytesUp: {
    kind: 'counter',
    unit: 'bytes',
    label: 'transport bytes up',
    meaning: 'bytes written to client sockets',
  },
  wireBytesDown: {
    kind: 'counter',
    unit: 'bytes',
    label: 'wire bytes down',
    meaning: 'Ethernet frames from server host to client host',
  },
  wireBytesUp: {
    kind: 'counter',
    unit: 'bytes',
    label: 'wire bytes up',
    meaning: 'Ethernet frames from client host to server host',
  },
  wirePacketsDown: {
    kind: 'counter',
    unit: 'packets',
    label: 'packets down',
    meaning: 'packets from server host to client host',
  },
  wirePacketsUp: {
    kind: 'counter',
    unit: 'packets',
    label: 'packets up',
    meaning: 'packets from client host to server host',
  },
  backplaneBytes: {
    kind: 'counter',
    unit: 'bytes',
    label: 'backplane bytes',
    meaning: "bytes over the server host's loopback: nodes to and from Redis",
  },
  balancerBytesDown: {
    kind: 'counter',
    unit: 'bytes',
    label: 'balancer bytes down',
    meaning: 'Ethernet frames from nodes to the balancer',
  },
  balancerBytesUp: {
    kind: 'counter',
    unit: 'bytes',
    label: 'balancer bytes up',
    meaning: 'Ethernet frames from the balancer to nodes',
  },
  balancerConnections: {
    kind: 'counter',
    unit: 'connections',
    label: 'balancer connections',
    meaning: 'connections that the balancer opened to nodes, or tried to, its health checks among them',
  },
  originReads: {
    kind: 'counter',
    unit: 'reads',
    label: 'origin reads',
    meaning: 'how often nodes asked what stands behind them, to answer polls',
  },
  slowConsumerCloses: {
    kind: 'counter',
    unit: 'connections',
    label: 'slow-consumer closes',
    meaning: 'connections closed because their client took nothing for a time, or fell behind what the log holds',
  },
  gapsFilled: {
    kind: 'counter',
    unit: 'messages',
    label: 'gaps filled',
    meaning: 'messages that pub/sub lost and a node fetched from the history',
  },
  unexpectedCloses: {
    kind: 'counter',
    unit: 'connections',
    label: 'unexpected closes',
    meaning: 'client connections that ended before they were told to',
  },
  cuts: {
    kind: 'counter',
    unit: 'connections',
    label: 'cuts',
    meaning: 'connections of clients that were cut because the workload has it so',
  },
  reconnects: {
    kind: 'counter',
    unit: 'connections',
    label: 'reconnects',
    meaning: 'sessions that went on over another connection, because the server ended one as HTTP provides for',
  },
  fullHandshakes: {
    kind: 'counter',
    unit: 'connections',
    label: 'full handshakes',
    meaning: 'connections over TLS that clients began anew, with a certificate',
  },
  resumedHandshakes: {
    kind: 'counter',
    unit: 'connections',
    label: 'resumed handshakes',
    meaning: 'connections over TLS in which clients went on with a session, by a ticket',
  },
  stolenTime: {
    kind: 'counter',
    unit: 'ns',
    label: 'stolen time',
    meaning: 'time of all cores in which the hypervisor ran other machines instead of this one',
  },
  throttledTime: {
    kind: 'counter',
    unit: 'ns',
    label: 'throttled time',
    meaning: 'time of all cores in which a CPU quota kept runnable programs waiting',
  },
  coresBusy: {
    kind: 'counter',
    unit: 'ns',
    label: 'cores busy',
    meaning: "time in which the trial's cores were busy, whoever used them",
  },
  coordinatorCpu: {
    kind: 'counter',
    unit: 'ns',
    label: 'coordinator CPU',
    meaning: 'CPU time of the process that watches the others, on whatever core',
  },
  yardstickCpu: {
    kind: 'counter',
    unit: 'ns',
    label: 'yardstick CPU',
    meaning: 'CPU time of the processes that measure how fast the cores are',
  },

  connections: {
    kind: 'gauge',
    unit: 'connections',
    label: 'connections',
    meaning: 'client connections that are open',
  },
} as const satisfies Record<string, Metric>;

export type MetricId = keyof typeof METRICS;
type OfKind<Kind> = { [Id in MetricId]: (typeof METRICS)[Id]['kind'] extends Kind ? Id : never }[MetricId];
export type HistogramId = OfKind<'histogram'>;
export type CounterId = OfKind<'counter'>;
export type GaugeId = OfKind<'gauge'>;

function idsOfKind<Kind extends Metric['kind']>(kind: Kind): OfKind<Kind>[] {
  return (Object.keys(METRICS) as MetricId[]).filter((id): id is OfKind<Kind> => METRICS[id].kind === kind);
}

export const METRIC_IDS = Object.keys(METRICS) as [MetricId, ...MetricId[]];
export const HISTOGRAM_IDS = idsOfKind('histogram');
export const COUNTER_IDS = idsOfKind('counter');
export const GAUGE_IDS = idsOfKind('gauge');
