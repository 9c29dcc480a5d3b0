import { Histogram } from '../../scenarios/measures/histogram.ts';
import { seededRandom } from '../../scenarios/feed/random.ts';
import type { MeasuredTrial, ProcessRecord, Trial } from '../../scenarios/result/result.ts';
import { nodesOf, type Variant } from '../../scenarios/variant.ts';
import { NOTHING_WRONG } from '../../scenarios/testing/clean-audit.ts';

/** Made-up trials for tests, the same every time. */

export const SAMPLE_CLIENTS = 50;
/** Messages a second. */
export const SAMPLE_RATE = 20;
export const SAMPLE_HASH = 'ab'.repeat(32);
export const WARM_UP_BINS = 3;
const BIN_NS = 1e9;
const PAYLOAD_BYTES = 300;
const MS = 1e6;

type Span = readonly [from: number, to: number];

/** What its variant is like. */
export interface Character {
  readonly variant: Variant;
  readonly stalenessMs: Span;
  /** 1, or absent: evenly between the two; above that most of it is near the first. */
  readonly skew?: number;
  readonly answersPerSecond: number;
  readonly emptyShare: number;
  readonly headerBytes: number;
  readonly wireBytesPerMessage: number;
  readonly cpuUsPerMessage: number;
}

/** Where a trial stands in its run. */
export type Place = Pick<Trial, 'generator' | 'clients' | 'trial' | 'copy' | 'attempt' | 'startedAt'>;

export const FIRST: Place = {
  generator: 'native',
  clients: SAMPLE_CLIENTS,
  trial: 1,
  copy: false,
  attempt: 1,
  startedAt: '2026-05-17T14:23:02.000Z',
};

interface Chance {
  readonly place: Place;
  /** Warm-up included. */
  readonly bins: number;
  readonly seed: number;
}

/** Where nothing is said of it: a trial of 20 s. */
const ALONE: Chance = { place: FIRST, bins: 23, seed: 7 };

export function sampleTrial(character: Character, { place, bins, seed } = ALONE): MeasuredTrial {
  const { variant } = character;
  const perBin = perBinOf(bins);
  return {
    state: 'measured',
    variant,
    ...place,
    partial: false,
    scheduleHash: SAMPLE_HASH,
    window: {
      binNs: BIN_NS,
      bins,
      firstBin: WARM_UP_BINS,
      endBin: bins,
      plannedWarmUpNs: WARM_UP_BINS * BIN_NS,
      excludedNs: WARM_UP_BINS * BIN_NS,
      warmUp: 'as planned: delivery was steady from there on',
    },
    histograms: histogramsOf(character, seed),
    histogramsPerBin: { staleness: perBin(character.stalenessMs[1] * MS).map(summaryOf) },
    countersPerBin: countersOf(character, perBin),
    gaugesPerBin: { connections: perBin(SAMPLE_CLIENTS) },
    audit: cleanAudit(bins),
    processes: processesOf(character, perBin),
    machine: machineOf(bins),
    sources: {
      wireBytesDown: { kind: 'measured', from: 'a made-up wire' },
      wireBytesUp: { kind: 'measured', from: 'a made-up wire' },
      gapsFilled: { kind: 'n/a', reason: 'the nodes of the sample do not tell' },
    },
    ramp: { durationNs: 120 * MS, wireBytes: 60_000, serverCpuNs: 30 * MS },
    oneWayDelayNs: 50_000,
    dueInWindow: SAMPLE_RATE * (bins - WARM_UP_BINS),
    wallNs: (bins + 7) * BIN_NS,
    presence: [],
    sessionEnds: [],
    disruption: null,
    remarks: [],
  };
}

function histogramsOf({ stalenessMs, skew = 1 }: Character, seed: number): MeasuredTrial['histograms'] {
  return {
    staleness: spread(stalenessMs, 4000, { skew, seed }),
    delivery: spread(stalenessMs, 4000, { skew, seed }),
    lateness: spread([0.005, 0.015], 400, { skew: 1, seed }),
    backplane: spread([0.1, 0.3], 400, { skew: 1, seed }),
  };
}

type PerBin = (value: number) => number[];

/** Of warm-up bins there is twice as much, so that a figure that takes them in is wrong. */
function perBinOf(bins: number): PerBin {
  return (value) => Array.from({ length: bins }, (_, bin) => (bin < WARM_UP_BINS ? 2 * value : value));
}

function summaryOf(p50Ns: number): NonNullable<MeasuredTrial['histogramsPerBin']['staleness']>[number] {
  return { count: SAMPLE_CLIENTS * SAMPLE_RATE, meanNs: p50Ns, p50Ns, p99Ns: 1.5 * p50Ns, maxNs: 2 * p50Ns };
}

const DELIVERIES_PER_BIN = SAMPLE_CLIENTS * SAMPLE_RATE;

function countersOf(character: Character, perBin: PerBin): MeasuredTrial['countersPerBin'] {
  const { answersPerSecond: answers, emptyShare, headerBytes, wireBytesPerMessage } = character;
  const payloadBytes = DELIVERIES_PER_BIN * PAYLOAD_BYTES;
  const framingBytes = answers === 0 ? 4 * DELIVERIES_PER_BIN : (answers * headerBytes) / 3;
  const wireBytes = DELIVERIES_PER_BIN * wireBytesPerMessage;
  return {
    published: perBin(SAMPLE_RATE),
    deliveries: perBin(DELIVERIES_PER_BIN),
    payloadBytes: perBin(payloadBytes),
    transportBytesDown: perBin(payloadBytes + framingBytes),
    transportBytesUp: perBin((answers * headerBytes * 2) / 3),
    wireBytesDown: perBin(0.85 * wireBytes),
    wireBytesUp: perBin(0.15 * wireBytes),
    ...(character.variant.backplane === 'memory' ? {} : { backplaneBytes: perBin(SAMPLE_RATE * 2400) }),
    stolenTime: perBin(0),
    throttledTime: perBin(0),
    coresBusy: perBin(allCpuNs(character) + 10 * MS),
    coordinatorCpu: perBin(2 * MS),
    ...(answers === 0 ? {} : { answers: perBin(answers), emptyAnswers: perBin(answers * emptyShare) }),
  };
}

function allCpuNs(character: Character): number {
  const used = processesOf(character, (value) => [value]).map(({ cpuNsPerBin }) => cpuNsPerBin[0] ?? 0);
  return used.reduce((sum, ns) => sum + ns, 0);
}

function processesOf({ variant, cpuUsPerMessage }: Character, perBin: PerBin): ProcessRecord[] {
  const serverCpuNs = DELIVERIES_PER_BIN * cpuUsPerMessage * 1e3;
  const recordOf = (role: ProcessRecord['role'], index: number, cpuNs: number): ProcessRecord => ({
    ...processRecord(role, index),
    cpuNsPerBin: perBin(cpuNs),
    waitNsPerBin: perBin(12 * MS),
    rssBytesPerBin: perBin(80e6).map((bytes, bin) => bytes + bin * 1e5),
  });
  const nodes = Array.from({ length: nodesOf(variant) }, (_, index) =>
    recordOf('node', index, serverCpuNs / nodesOf(variant)),
  );
  return [
    ...nodes,
    ...(variant.backplane === 'redis' ? [{ ...recordOf('redis', 0, 20 * MS), eventLoop: null }] : []),
    recordOf('publisher', 0, 15 * MS),
    recordOf('worker', 0, 250 * MS),
  ];
}

function processRecord(
  role: ProcessRecord['role'],
  index: number,
): Pick<ProcessRecord, 'role' | 'name' | 'pid' | 'cores' | 'rssBytesBeforeRamp' | 'eventLoop'> {
  return {
    role,
    name: `${role} ${index + 1}`,
    pid: 1000 + index,
    cores: index === 0 ? [0] : [],
    rssBytesBeforeRamp: 40e6,
    eventLoop: { delayP50Ns: 40_000, delayP99Ns: 900_000, delayMaxNs: 5 * MS, utilization: 0.3 },
  };
}

function machineOf(bins: number): MeasuredTrial['machine'] {
  return {
    cores: [0, 1],
    edgeLatenessNs: Array.from({ length: bins + 1 }, () => 0.8 * MS),
    otherRuns: [],
    yardstick: [0, 1].map((core) => ({ core, perBinNs: Array.from({ length: bins }, () => 0.2 * MS) })),
  };
}

function cleanAudit(bins: number): MeasuredTrial['audit'] {
  const published = SAMPLE_RATE * bins;
  return {
    subscribers: SAMPLE_CLIENTS,
    published,
    expected: published * SAMPLE_CLIENTS,
    received: published * SAMPLE_CLIENTS,
    ...NOTHING_WRONG,
  };
}

function spread(
  [fromMs, toMs]: Span,
  count: number,
  { skew, seed }: { readonly skew: number; readonly seed: number },
): ReturnType<Histogram['snapshot']> {
  const random = seededRandom(seed);
  const histogram = new Histogram();
  for (let sample = 0; sample < count; sample++) {
    histogram.record(Math.round((fromMs + random() ** skew * (toMs - fromMs)) * MS));
  }
  return histogram.snapshot();
}
