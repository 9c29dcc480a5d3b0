import { describe, expect, test } from 'vitest';
import { Histogram } from '../measures/histogram.ts';
import { METRIC_IDS } from '../measures/metrics.ts';
import { PROTOCOL_CAUSE_IDS, type SessionEnd } from '../session-end.ts';
import {
  inWindow,
  isMeasured,
  type MeasuredTrial,
  parseResult,
  type Result,
  SCHEMA,
  sourceOf,
  windowNs,
} from './result.ts';
import { type Audit, AUDIT_COUNT_IDS, auditFaults, countBefore, FAULT_IDS } from './audit-counts.ts';

const histogram = new Histogram();
histogram.record(1e6);

const audit: Audit = {
  subscribers: 2,
  published: 10,
  expected: 20,
  received: 20,
  lost: 0,
  declaredLost: 0,
  leftOut: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  misplaced: 0,
  foreign: 0,
  unanswered: 0,
  refused: 0,
  misreported: 0,
};

const variant = { transport: 'websocket', backplane: 'redis', values: { nodes: 3, headers: 'browser' } };
const place = { trial: 1, copy: false, attempt: 1 } as const;
const trial = { variant, generator: 'native', clients: 2, ...place, startedAt: '2026-01-02T03:04:05.000Z' };

const measured: MeasuredTrial = {
  state: 'measured',
  ...trial,
  variant: { ...variant },
  partial: false,
  scheduleHash: 'abc',
  window: { binNs: 1e9, bins: 4, firstBin: 1, endBin: 3, plannedWarmUpNs: 1e9, excludedNs: 1e9, warmUp: 'as planned' },
  histograms: { staleness: histogram.snapshot() },
  histogramsPerBin: { staleness: [null, { count: 1, meanNs: 1e6, p50Ns: 1e6, p99Ns: 1e6, maxNs: 1e6 }, null, null] },
  countersPerBin: { published: [1, 2, 3, 4] },
  gaugesPerBin: { connections: [2, null, 0, 2] },
  audit,
  processes: [
    {
      role: 'node',
      name: 'node 1',
      pid: 7,
      cores: [0],
      rssBytesBeforeRamp: 1,
      cpuNsPerBin: [1, 2, 3, 4],
      waitNsPerBin: [4, 3, 2, 1],
      rssBytesPerBin: [1, 2, 3, 4],
      eventLoop: { delayP50Ns: 0, delayP99Ns: 1, delayMaxNs: 2, utilization: 0.1 },
    },
    {
      role: 'redis',
      name: 'redis',
      pid: 8,
      cores: [],
      rssBytesBeforeRamp: 1,
      cpuNsPerBin: [],
      waitNsPerBin: null,
      rssBytesPerBin: [],
      eventLoop: null,
    },
  ],
  sources: {
    wireBytesDown: { kind: 'n/a', reason: 'no namespaces here' },
    staleness: { kind: 'measured', from: 'the client' },
  },
  ramp: { durationNs: 1e8, wireBytes: null, serverCpuNs: 1e7 },
  oneWayDelayNs: 5e4,
  dueInWindow: 5,
  machine: {
    cores: [0, 1],
    edgeLatenessNs: [1e6, 1e6, 1e6, 1e6, 1e6],
    otherRuns: [],
    yardstick: [{ core: 0, perBinNs: [2e5, null, 2e5, 3e5] }],
  },
  wallNs: 9e9,
  presence: [{ when: 'connected', node: 'node 1', connected: 2, missing: 0, strangers: 0, afterNs: 1e6 }],
  sessionEnds: [],
  disruption: null,
  remarks: [],
};

const result: Result = {
  schema: SCHEMA,
  id: 'ticker-1',
  startedAt: '2026-01-02T03:04:05.000Z',
  endedAt: '2026-01-02T03:05:05.000Z',
  partial: false,
  plannedTrials: 2,
  command: 'feedbench run ticker',
  seed: 1,
  workload: {
    name: 'ticker',
    description: 'prices',
    clients: 2,
    feed: { kind: 'fixed', messagesPerSecond: 1 },
    payload: { kind: 'stock-prices', bytes: 200 },
    pollIntervalNs: 3e9,
    durationNs: 3e9,
    faults: [],
  },
  manifest: { scheduleHash: 'abc', messages: 4, warmUpNs: 1e9, windowNs: 2e9 },
  transports: { websocket: { label: 'WebSocket', cadence: 'push', framing: [{ fromBytes: 0, addsBytes: 2 }] } },
  generators: { native: { label: 'native', resolutionNs: 1 } },
  campaign: {
    seed: 1,
    control: null,
    blocks: [{ number: 1, plannedTrials: 1 }],
    plannedBlocks: 3,
    budgetNs: null,
    target: 1.1,
    cells: [{ variant: { ...variant }, generator: 'native', clients: 2, copy: false }],
    endedBy: 'trials',
  },
  noise: [
    {
      classId: 'prompt',
      metric: 'staleness.p50',
      windowNs: 6e9,
      sd: 0.1,
      degrees: 20,
      betweenSessionsSd: null,
      measuredAt: '2026-01-02T03:04:05.000Z',
    },
  ],
  environment: { cores: 2, kernel: 'Linux', dirty: false, steal: null },
  trials: [measured, { state: 'failed', ...trial, trial: 2, code: 'process-died', message: 'node 1 ended by itself' }],
};

/** Where anything may be called anything. */
const openRecords = new Set(['transports', 'generators', 'environment', 'values']);

/** Where only those metrics are that there is something of. */
const byMetric = new Set(['histograms', 'histogramsPerBin', 'countersPerBin', 'gaugesPerBin', 'sources']);

function throughText(value: unknown): unknown {
  const text = JSON.stringify(value);
  return JSON.parse(text);
}

/** Counts that were not made when the first files of this version were written. */
const defaulted = new Set<string>(AUDIT_COUNT_IDS.filter((id) => countBefore(id) !== undefined));

type Path = readonly (string | number)[];

/** The path of every object in `value` whose keys are fixed. */
function objects(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const below = entries.flatMap(([key, part]) => objects(part, [...path, key]));
  return Array.isArray(value) || openRecords.has(String(path.at(-1))) ? below : [path, ...below];
}

/** A copy of the result in which something was done to the object at `path`. */
function changed(path: Path, change: (object: Record<string, unknown>) => void): unknown {
  const copy: unknown = structuredClone(result);
  let object = copy as Record<string | number, unknown>;
  for (const key of path) object = object[key] as Record<string | number, unknown>;
  change(object);
  return copy;
}

describe('a result file', () => {
  test('is read as it was written', () => {
    expect(parseResult(throughText(result))).toEqual(result);
  });

  test.each(objects(result).map((path) => ({ path, at: path.join('.') })))(
    'has no unknown key at "$at"',
    ({ path }) => {
      const problem = parseResult(changed(path, (object) => void (object['colour'] = 'red')));
      expect(problem).toContain(path.join('.'));
      expect(problem).toMatch(/(?:Unrecognized key:|there is no) "colour"/);
    },
  );

  test.each(objects(result).map((path) => ({ path, at: path.join('.') })))('lacks no key at "$at"', ({ path }) => {
    const required = Object.keys(path.reduce<unknown>((part, key) => (part as never)[key], result) as object);
    for (const key of byMetric.has(String(path.at(-1))) ? [] : required.filter((name) => !defaulted.has(name))) {
      expect(typeof parseResult(changed(path, (object) => void delete object[key]))).toBe('string');
    }
  });

  test('without a count that was not made then has what it would have been', () => {
    expect([...defaulted]).toEqual(['leftOut', 'unanswered', 'refused', 'misreported']);
    expect(parseResult(changed(['trials', 0, 'audit'], (object) => void delete object['leftOut']))).toEqual(result);
  });

  test.each<{ what: string; path: Path; key: string; value: unknown }>([
    { what: 'half a count', path: ['trials', 0, 'audit'], key: 'lost', value: 0.5 },
    { what: 'a count below zero', path: ['trials', 0, 'audit'], key: 'lost', value: -1 },
    { what: 'a count that is always known and is not', path: ['trials', 0, 'audit'], key: 'lost', value: null },
    { what: 'a figure that is none', path: ['trials', 0], key: 'oneWayDelayNs', value: Number.NaN },
    { what: 'a failure that is none', path: ['trials', 1], key: 'code', value: 'tired' },
    { what: 'a time that is none', path: [], key: 'startedAt', value: 'yesterday' },
    { what: 'a bin without length', path: ['trials', 0, 'window'], key: 'binNs', value: 0 },
    { what: 'a feed of no kind', path: ['workload', 'feed'], key: 'kind', value: 'bursts' },
    { what: 'half a user', path: ['trials', 0, 'presence', 0], key: 'missing', value: 0.5 },
    { what: 'a role that is none', path: ['trials', 0, 'processes', 0], key: 'role', value: 'stranger' },
    { what: 'another state', path: ['trials', 0], key: 'state', value: 'guessed' },
  ])('is refused for $what, with its path', ({ path, key, value }) => {
    const problem = parseResult(changed(path, (object) => void (object[key] = value)));
    expect(problem).toContain([...path, key].join('.'));
  });

  test.each<{ path: Path; key: string; least: number }>([
    { path: ['trials', 0], key: 'clients', least: 1 },
    { path: ['trials', 1], key: 'trial', least: 1 },
    { path: ['workload'], key: 'clients', least: 1 },
    { path: [], key: 'plannedTrials', least: 0 },
    { path: ['manifest'], key: 'messages', least: 0 },
    { path: ['trials', 0, 'audit'], key: 'received', least: 0 },
    { path: ['trials', 0, 'window'], key: 'firstBin', least: 0 },
    { path: ['transports', 'websocket', 'framing', 0], key: 'fromBytes', least: 0 },
    { path: ['transports', 'websocket', 'framing', 0], key: 'addsBytes', least: 0 },
    { path: ['trials', 0, 'histograms', 'staleness'], key: 'count', least: 0 },
  ])('has $least $key at least', ({ path, key, least }) => {
    const withValue = (value: number): unknown => parseResult(changed(path, (object) => void (object[key] = value)));
    expect(withValue(least)).toBeTypeOf('object');
    expect(withValue(least - 1)).toContain([...path, key].join('.'));
  });

  test.each(['text', 7, true, null])('may say %j of its environment', (value) => {
    const kept = parseResult(changed([], (object) => void (object['environment'] = { what: value })));
    expect(kept).toMatchObject({ environment: { what: value } });
  });

  test.each([undefined, null, 7, 'text', [], {}])('is not %j', (value) => {
    expect(typeof parseResult(value)).toBe('string');
  });

  test('of another schema says so before all else', () => {
    expect(parseResult({ schema: 'feedbench.result/0', anything: 1 })).toBe(
      `its schema is feedbench.result/0; this feedbench reads ${SCHEMA} and older`,
    );
  });
});

describe('of a trial', () => {
  test('the window is what is measured', () => {
    expect(inWindow(measured, measured.countersPerBin.published)).toEqual([2, 3]);
    expect(inWindow(measured, undefined)).toEqual([]);
    expect(windowNs(measured)).toBe(2e9);
    expect(result.trials.filter(isMeasured)).toEqual([measured]);
  });

  test('every fault counts, and what was declared counts once', () => {
    expect(auditFaults(audit)).toBe(0);
    for (const fault of FAULT_IDS) expect(auditFaults({ ...audit, [fault]: 3 })).toBe(3);
    expect(auditFaults({ ...audit, lost: 3, declaredLost: 3 })).toBe(3);
  });

  test('every metric has a source', () => {
    for (const id of METRIC_IDS) expect(sourceOf(measured, id).kind).toMatch(/^(measured|n\/a)$/);
    expect(sourceOf(measured, 'wireBytesDown')).toEqual({ kind: 'n/a', reason: 'no namespaces here' });
  });
});

test('every way in which a session can end is kept', () => {
  const ends: SessionEnd[] = [
    { code: 'unreachable', system: 'ECONNREFUSED' },
    { code: 'connection-lost', system: 'ECONNRESET' },
    { code: 'connection-closed' },
    { code: 'http-status', status: 503, text: 'Service Unavailable' },
    { code: 'websocket-close', closeCode: 1008 },
    ...PROTOCOL_CAUSE_IDS.map((cause) => ({ code: 'protocol' as const, cause })),
    { code: 'silent' },
    { code: 'other', text: 'EOF' },
  ];
  const sessionEnds = ends.map((end) => ({ end, count: 3 }));
  const kept = parseResult(throughText({ ...result, trials: [{ ...measured, sessionEnds }] }));
  expect(kept).toMatchObject({ trials: [{ sessionEnds }] });
});
