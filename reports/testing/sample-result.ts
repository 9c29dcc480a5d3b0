import { Histogram } from '../../scenarios/measures/histogram.ts';
import { seededRandom } from '../../scenarios/feed/random.ts';
import {
  type MeasuredTrial,
  type ProcessRecord,
  type Result,
  SCHEMA,
  type Trial,
} from '../../scenarios/result/result.ts';
import { nodesOf, type Variant } from '../../scenarios/variant.ts';

/**
 * A made-up run for tests, the same every time: three transports on two backplanes, of which one trial failed, one is
 * suspect, one has lost messages, one was cut short and one did not start.
 */

const BIN_NS = 1e9;
const WARM_UP_BINS = 3;
const BINS = 23;
const RATE = 20;
const CLIENTS = 50;
const PAYLOAD_BYTES = 300;
const MS = 1e6;
const HASH = 'ab'.repeat(32);

interface Character {
  readonly variant: Variant;
  /** Staleness between these, evenly. */
  readonly stalenessMs: readonly [number, number];
  readonly answersPerSecond: number;
  readonly emptyShare: number;
  readonly headerBytes: number;
  readonly wireBytesPerMessage: number;
  readonly cpuUsPerMessage: number;
}

const POLLING: Character = {
  variant: { transport: 'polling', backplane: 'memory', values: { nodes: 1, headers: 'browser', pollIntervalNs: 2e9 } },
  stalenessMs: [1, 2000],
  answersPerSecond: CLIENTS / 2,
  emptyShare: 0.02,
  headerBytes: 900,
  wireBytesPerMessage: 345,
  cpuUsPerMessage: 12,
};

const LONG_POLLING: Character = {
  variant: { transport: 'long-polling', backplane: 'memory', values: { nodes: 1, headers: 'browser' } },
  stalenessMs: [1, 9],
  answersPerSecond: CLIENTS * RATE,
  emptyShare: 0,
  headerBytes: 850,
  wireBytesPerMessage: 1320,
  cpuUsPerMessage: 80,
};

const WEBSOCKET: Character = {
  variant: { transport: 'websocket', backplane: 'memory', values: { nodes: 1, headers: 'browser' } },
  stalenessMs: [0.4, 1.6],
  answersPerSecond: 0,
  emptyShare: 0,
  headerBytes: 0,
  wireBytesPerMessage: 436,
  cpuUsPerMessage: 20,
};

export function sampleResult(overrides: Partial<Result> = {}): Result {
  return {
    schema: SCHEMA,
    id: '2026-05-17-142301-sample',
    startedAt: '2026-05-17T14:23:01.000Z',
    endedAt: '2026-05-17T14:26:01.000Z',
    partial: true,
    plannedTrials: 6,
    command: 'feedbench run sample --seed 7',
    seed: 7,
    workload: {
      name: 'sample',
      description: 'prices & <scores> that were never published',
      clients: CLIENTS,
      feed: { kind: 'fixed', messagesPerSecond: RATE },
      payload: { kind: 'stock-prices', bytes: 200 },
      pollIntervalNs: 2e9,
      durationNs: 20e9,
    },
    manifest: { scheduleHash: HASH, messages: RATE * BINS, warmUpNs: 3e9, windowNs: 20e9 },
    transports: {
      polling: { label: 'HTTP polling', look: { colour: 'vermillion', shape: 'circle' }, cadence: 'interval' },
      'long-polling': { label: 'HTTP long-polling', look: { colour: 'blue', shape: 'square' }, cadence: 'held' },
      websocket: {
        label: 'WebSocket',
        look: { colour: 'green', shape: 'diamond' },
        cadence: 'push',
        framing: [{ fromBytes: 126, addsBytes: 4 }],
      },
    },
    generators: { native: { label: 'native', resolutionNs: 1 } },
    campaign: null,
    noise: [],
    environment: { cpu: 'a made-up one', cores: 4, redis: null, uncommittedChanges: false },
    trials: sampleTrials(),
    ...overrides,
  };
}

function sampleTrials(): Trial[] {
  return [
    suspect(sampleTrial({ ...WEBSOCKET, variant: onRedis(WEBSOCKET.variant) })),
    sampleTrial(POLLING),
    failedTrial(onRedis(POLLING.variant)),
    sampleTrial(WEBSOCKET),
    lossy(cutShort(sampleTrial(LONG_POLLING))),
  ];
}

/** The same on three nodes. */
function onRedis(variant: Variant): Variant {
  return { ...variant, backplane: 'redis', values: { ...variant.values, nodes: 3 } };
}

export function failedTrial(variant: Variant): Trial {
  const message = 'Redis stopped answering: "connection, refused"';
  return { state: 'failed', ...base(variant), code: 'redis-lost', message };
}

export function websocketTrial(): MeasuredTrial {
  return sampleTrial(WEBSOCKET);
}

export function pollingTrial(): MeasuredTrial {
  return sampleTrial(POLLING);
}

export function longPollingTrial(): MeasuredTrial {
  return sampleTrial(LONG_POLLING);
}

function base(
  variant: Variant,
): Pick<Trial, 'variant' | 'generator' | 'clients' | 'trial' | 'copy' | 'attempt' | 'startedAt'> {
  const place = { trial: 1, copy: false, attempt: 1 } as const;
  return { variant, generator: 'native', clients: CLIENTS, ...place, startedAt: '2026-05-17T14:23:02.000Z' };
}

function sampleTrial(character: Character): MeasuredTrial {
  const { variant } = character;
  const deliveriesPerBin = CLIENTS * RATE;
  return {
    state: 'measured',
    ...base(variant),
    partial: false,
    scheduleHash: HASH,
    window: {
      binNs: BIN_NS,
      bins: BINS,
      firstBin: WARM_UP_BINS,
      endBin: BINS,
      plannedWarmUpNs: WARM_UP_BINS * BIN_NS,
      excludedNs: WARM_UP_BINS * BIN_NS,
      warmUp: 'as planned: delivery was steady from there on',
    },
    histograms: {
      staleness: spread(character.stalenessMs, 4000),
      delivery: spread(character.stalenessMs, 4000),
      lateness: spread([0.005, 0.015], 400),
      backplane: spread([0.1, 0.3], 400),
    },
    histogramsPerBin: { staleness: perBin(character.stalenessMs[1] * MS).map(summaryOf) },
    countersPerBin: countersOf(character, deliveriesPerBin),
    gaugesPerBin: { connections: perBin(CLIENTS) },
    audit: cleanAudit(),
    processes: processesOf(character, deliveriesPerBin),
    machine: {
      cores: [0, 1],
      edgeLatenessNs: Array.from({ length: BINS + 1 }, () => 0.8 * MS),
      otherRuns: [],
      yardstick: null,
    },
    sources: {
      wireBytesDown: { kind: 'measured', from: 'a made-up wire' },
      wireBytesUp: { kind: 'measured', from: 'a made-up wire' },
      gapsFilled: { kind: 'n/a', reason: 'the nodes of the sample do not tell' },
    },
    ramp: { durationNs: 120 * MS, wireBytes: 60_000, serverCpuNs: 30 * MS },
    oneWayDelayNs: 50_000,
    dueInWindow: RATE * (BINS - WARM_UP_BINS),
    wallNs: 30e9,
    sessionEnds: [],
    remarks: [],
  };
}

function summaryOf(p50Ns: number): NonNullable<MeasuredTrial['histogramsPerBin']['staleness']>[number] {
  return { count: CLIENTS * RATE, meanNs: p50Ns, p50Ns, p99Ns: 1.5 * p50Ns, maxNs: 2 * p50Ns };
}

function countersOf(character: Character, deliveries: number): MeasuredTrial['countersPerBin'] {
  const { answersPerSecond: answers, emptyShare, headerBytes, wireBytesPerMessage } = character;
  const payloadBytes = deliveries * PAYLOAD_BYTES;
  const framingBytes = answers === 0 ? 4 * deliveries : (answers * headerBytes) / 3;
  const wireBytes = deliveries * wireBytesPerMessage;
  return {
    published: perBin(RATE),
    deliveries: perBin(deliveries),
    payloadBytes: perBin(payloadBytes),
    transportBytesDown: perBin(payloadBytes + framingBytes),
    transportBytesUp: perBin((answers * headerBytes * 2) / 3),
    wireBytesDown: perBin(0.85 * wireBytes),
    wireBytesUp: perBin(0.15 * wireBytes),
    ...(character.variant.backplane === 'memory' ? {} : { backplaneBytes: perBin(RATE * 2400) }),
    stolenTime: perBin(0),
    throttledTime: perBin(0),
    coresBusy: perBin(allCpuNs(character, deliveries) + 10 * MS),
    coordinatorCpu: perBin(2 * MS),
    ...(answers === 0 ? {} : { answers: perBin(answers), emptyAnswers: perBin(answers * emptyShare) }),
  };
}

function allCpuNs(character: Character, deliveries: number): number {
  const used = processesOf(character, deliveries).map(({ cpuNsPerBin }) => cpuNsPerBin[BINS - 1] ?? 0);
  return used.reduce((sum, ns) => sum + ns, 0);
}

/** Of warm-up bins there is twice as much, so that a figure that takes them in is wrong. */
function perBin(value: number): number[] {
  return Array.from({ length: BINS }, (_, bin) => (bin < WARM_UP_BINS ? 2 * value : value));
}

function processesOf({ variant, cpuUsPerMessage }: Character, deliveries: number): ProcessRecord[] {
  const serverCpuNs = deliveries * cpuUsPerMessage * 1e3;
  const nodes = Array.from({ length: nodesOf(variant) }, (_, index) =>
    processRecord('node', index, serverCpuNs / nodesOf(variant)),
  );
  return [
    ...nodes,
    ...(variant.backplane === 'redis' ? [{ ...processRecord('redis', 0, 20 * MS), eventLoop: null }] : []),
    processRecord('publisher', 0, 15 * MS),
    processRecord('worker', 0, 250 * MS),
  ];
}

function processRecord(role: ProcessRecord['role'], index: number, cpuNsPerBin: number): ProcessRecord {
  return {
    role,
    name: `${role} ${index + 1}`,
    pid: 1000 + index,
    cores: index === 0 ? [0] : [],
    cpuNsPerBin: perBin(cpuNsPerBin),
    waitNsPerBin: perBin(12 * MS),
    rssBytesBeforeRamp: 40e6,
    rssBytesPerBin: perBin(80e6).map((bytes, bin) => bytes + bin * 1e5),
    eventLoop: { delayP50Ns: 40_000, delayP99Ns: 900_000, delayMaxNs: 5 * MS, utilization: 0.3 },
  };
}

function cleanAudit(): MeasuredTrial['audit'] {
  const published = RATE * BINS;
  return {
    subscribers: CLIENTS,
    published,
    expected: published * CLIENTS,
    received: published * CLIENTS,
    lost: 0,
    declaredLost: 0,
    leftOut: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    misplaced: 0,
    foreign: 0,
  };
}

function suspect(trial: MeasuredTrial): MeasuredTrial {
  const [busy, ...others] = trial.processes.toReversed();
  const eventLoop = { delayP50Ns: 2 * MS, delayP99Ns: 9 * MS, delayMaxNs: 40 * MS, utilization: 0.83 };
  return { ...trial, processes: busy === undefined ? [] : [...others.toReversed(), { ...busy, eventLoop }] };
}

function lossy(trial: MeasuredTrial): MeasuredTrial {
  return { ...trial, audit: { ...trial.audit, received: trial.audit.received - 2, lost: 3, duplicated: 1 } };
}

/** Stopped after six of its twenty measured bins. */
function cutShort(trial: MeasuredTrial): MeasuredTrial {
  const endBin = WARM_UP_BINS + 6;
  return { ...trial, partial: true, window: { ...trial.window, bins: endBin, endBin }, dueInWindow: RATE * 6 };
}

function spread([fromMs, toMs]: readonly [number, number], count: number): ReturnType<Histogram['snapshot']> {
  const random = seededRandom(7);
  const histogram = new Histogram();
  for (let sample = 0; sample < count; sample++) {
    histogram.record(Math.round((fromMs + random() * (toMs - fromMs)) * MS));
  }
  return histogram.snapshot();
}
