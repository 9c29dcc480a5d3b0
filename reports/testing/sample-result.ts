import { type MeasuredTrial, type Result, SCHEMA, type Trial } from '../../scenarios/result/result.ts';
import type { Variant } from '../../scenarios/variant.ts';
import {
  type Character,
  FIRST,
  SAMPLE_CLIENTS,
  SAMPLE_HASH,
  SAMPLE_RATE,
  sampleTrial,
  WARM_UP_BINS,
} from './sample-trial.ts';

/**
 * A made-up run for tests, the same every time: three transports on two backplanes, once each, of which one trial failed,
 * one is suspect, one has lost messages, one was cut short and one did not start.
 */

const MS = 1e6;

const POLLING: Character = {
  variant: { transport: 'polling', backplane: 'memory', values: { nodes: 1, headers: 'browser', pollIntervalNs: 2e9 } },
  stalenessMs: [1, 2000],
  answersPerSecond: SAMPLE_CLIENTS / 2,
  emptyShare: 0.02,
  headerBytes: 900,
  wireBytesPerMessage: 345,
  cpuUsPerMessage: 12,
};

const LONG_POLLING: Character = {
  variant: { transport: 'long-polling', backplane: 'memory', values: { nodes: 1, headers: 'browser' } },
  stalenessMs: [1, 9],
  answersPerSecond: SAMPLE_CLIENTS * SAMPLE_RATE,
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
      clients: SAMPLE_CLIENTS,
      feed: { kind: 'fixed', messagesPerSecond: SAMPLE_RATE },
      payload: { kind: 'stock-prices', bytes: 200 },
      pollIntervalNs: 2e9,
      durationNs: 20e9,
      faults: [],
    },
    manifest: { scheduleHash: SAMPLE_HASH, messages: SAMPLE_RATE * 23, warmUpNs: 3e9, windowNs: 20e9 },
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
    environment: { cpu: 'a made-up one', cores: 4, redis: null, uncommittedChanges: false },
    trials: sampleTrials(),
    campaign: null,
    noise: [],
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
  return { state: 'failed', variant, ...FIRST, code: 'redis-lost', message };
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
  return { ...trial, partial: true, window: { ...trial.window, bins: endBin, endBin }, dueInWindow: SAMPLE_RATE * 6 };
}
