import type { LinkRecord } from '../../scenarios/result/link.ts';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import type { CounterId, HistogramId } from '../../scenarios/measures/metrics.ts';
import { type MeasuredTrial, type ProcessRecord, windowNs } from '../../scenarios/result/result.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import {
  outsideDisturbance,
  REASON_CODES,
  type Reason,
  type ReasonCode,
  reasonsWith,
  reasonText,
  verdictOf,
} from './verdict.ts';

const REAL_TIME = { publisherPriority: 'real time (SCHED_RR)' };
const MS = 1e6;
/** The windows of the sample have 20 s. */
const WINDOW_NS = windowNs(websocketTrial());

function withWorker(change: Partial<ProcessRecord>, trial = websocketTrial()): MeasuredTrial {
  const processes = trial.processes.map((process) => (process.role === 'worker' ? { ...process, ...change } : process));
  return { ...trial, processes };
}

function withLoop(change: Partial<NonNullable<ProcessRecord['eventLoop']>>, trial = websocketTrial()): MeasuredTrial {
  const atEase = { delayP50Ns: 0, delayP99Ns: 0.9 * MS, delayMaxNs: 5 * MS, utilization: 0.1 };
  return withWorker({ eventLoop: { ...atEase, ...change } }, trial);
}

function withLatency(id: HistogramId, valueNs: number, trial = websocketTrial()): MeasuredTrial {
  const histogram = new Histogram();
  for (let sample = 0; sample < 100; sample++) histogram.record(valueNs);
  return { ...trial, histograms: { ...trial.histograms, [id]: histogram.snapshot() } };
}

/** So much over the window, and as much again before it. */
function withCounter(id: CounterId, total: number, trial = websocketTrial()): MeasuredTrial {
  const { bins, firstBin, endBin } = trial.window;
  const perBin = Array.from({ length: bins }, (_, bin) => (bin < firstBin ? total : total / (endBin - firstBin)));
  return { ...trial, countersPerBin: { ...trial.countersPerBin, [id]: perBin } };
}

function withMachine(change: Partial<NonNullable<MeasuredTrial['machine']>>): MeasuredTrial {
  const trial = websocketTrial();
  return { ...trial, machine: { cores: [0, 1], edgeLatenessNs: [], otherRuns: [], yardstick: null, ...change } };
}

/** Cores 0 and 1 took so long for the fixed work in each bin of the window, and longer before it. */
function withSpeeds(...tookNs: (number | null)[]): MeasuredTrial {
  const { bins, firstBin } = websocketTrial().window;
  const perBinNs = (took: number | null) => Array.from({ length: bins }, (_, bin) => (bin < firstBin ? MS : took));
  return withMachine({ yardstick: tookNs.map((took, core) => ({ core, perBinNs: perBinNs(took) })) });
}

const LINE = { frames: 1000, bytes: 400_000, lost: 0, dropped: 0 };
const LINK: LinkRecord = {
  asked: { delayNs: 50 * MS, bitsPerSecondDown: null, bitsPerSecondUp: null, loss: 0 },
  means: 'relay',
  made: { delayNs: 50.2 * MS, spreadNs: 0.1 * MS, bitsPerSecondDown: null, bitsPerSecondUp: null },
  carried: { down: LINE, up: LINE, failed: 0, lateness: { p50Ns: 0.05 * MS, p99Ns: 0.3 * MS, maxNs: 2 * MS } },
};
const LIMITED = { ...LINK.asked, bitsPerSecondDown: 10e6 };

function withLink(change: Partial<LinkRecord>): MeasuredTrial {
  return { ...websocketTrial(), link: { ...LINK, ...change } };
}

function withLost(lost: number): LinkRecord['carried'] {
  return { ...LINK.carried, down: { ...LINE, lost } };
}

const USUAL = [withSpeeds(0.2 * MS, 0.2 * MS), withSpeeds(0.4 * MS, null), withSpeeds(0.2 * MS, 0.2 * MS)];

function reasonsOf(
  trial: MeasuredTrial,
  environment: Readonly<Record<string, string>> = REAL_TIME,
  siblings: readonly MeasuredTrial[] = USUAL,
): readonly Reason[] {
  const verdict = verdictOf(trial, environment, siblings);
  return verdict.state === 'suspect' ? verdict.reasons : [];
}

function codesOf(trial: MeasuredTrial): readonly string[] {
  return reasonsOf(trial).map(({ code }) => code);
}

describe('an instrument at ease', () => {
  test('is trusted, whichever transport it looks at', () => {
    expect(verdictOf(websocketTrial(), REAL_TIME)).toEqual({ state: 'trusted' });
    expect(verdictOf(pollingTrial(), REAL_TIME)).toEqual({ state: 'trusted' });
  });

  test('no rule fires on a trial of the sample but the one that is made suspect', () => {
    const measured = sampleResult().trials.filter((trial) => trial.state === 'measured');
    expect(measured.map((trial) => codesOf(trial)).filter((codes) => codes.length > 0)).toEqual([['busy']]);
  });

  test('nothing is held against it that was not seen', () => {
    const trial = withWorker({ waitNsPerBin: null, eventLoop: null });
    const nothing = { kind: 'n/a', reason: 'not told here' } as const;
    const sources = { stolenTime: nothing, throttledTime: nothing, coresBusy: nothing, clockErrors: nothing };
    expect(codesOf({ ...trial, machine: null, sources, histograms: {} })).toEqual([]);
  });
});

/** What makes each reason, just within its bound and just beyond it. */
interface Boundary {
  readonly code: ReasonCode;
  readonly of: string;
  readonly within: MeasuredTrial;
  readonly beyond: MeasuredTrial;
  readonly seen: string;
}

const BOUNDARIES: readonly Boundary[] = [
  {
    code: 'busy',
    of: 'event loop',
    within: withLoop({ utilization: 0.7 }),
    beyond: withLoop({ utilization: 0.83 }),
    seen: 'worker 1: event loop busy 83 % of the time, more than 70 %',
  },
  {
    code: 'busy',
    of: 'core',
    within: withWorker({ cpuNsPerBin: Array.from({ length: 23 }, () => 0.8e9) }),
    beyond: withWorker({ cpuNsPerBin: Array.from({ length: 23 }, () => 0.9e9) }),
    seen: 'worker 1: CPU 90 % of a core, more than 80 %',
  },
  {
    code: 'stalled',
    of: 'longest delay',
    // A hundredth of the window is beyond the p99; 5 % of its 1.6 ms are left.
    within: withLoop({ delayMaxNs: 0.01 * WINDOW_NS + 0.07 * MS }),
    beyond: withLoop({ delayMaxNs: 2200 * MS }),
    seen: 'worker 1: event loop stood still for 2.20 s, which makes up to 100 % of the staleness p99, more than 5 %',
  },
  {
    code: 'starved',
    of: 'waiting',
    within: withWorker(
      { waitNsPerBin: Array.from({ length: 23 }, () => 125 * MS) },
      withLoop({ delayP99Ns: 3.9 * MS }),
    ),
    beyond: withWorker(
      { waitNsPerBin: Array.from({ length: 23 }, () => 170 * MS) },
      withLoop({ delayP99Ns: 3.9 * MS }),
    ),
    seen: 'worker 1: event loop late by 3.90 ms at p99, and it waited for a core for 68 % of the time for which it had one, more than 50 %',
  },
  {
    code: 'publisher-late',
    of: 'milliseconds',
    within: withLatency('lateness', MS),
    beyond: withLatency('lateness', 1.5 * MS),
    seen: 'messages were published late: p98 1.50 ms, more than 1 ms',
  },
  {
    code: 'publisher-late',
    of: 'of a percentile',
    within: withLatency('delivery', 0.96 * MS, withLatency('staleness', MS)),
    beyond: withLatency('delivery', 0.9 * MS, withLatency('staleness', MS)),
    seen: 'messages were published late: 10 % of the staleness p50 is lateness, more than 5 %',
  },
  {
    code: 'foreign-load',
    of: 'cores',
    // The sample's own processes take 5.74 s of the two cores.
    within: withCounter('coresBusy', 5740 * MS + 0.049 * 2 * WINDOW_NS),
    beyond: withCounter('coresBusy', 5740 * MS + 0.2 * 2 * WINDOW_NS),
    seen: "other programs had 20 % of the trial's cores, more than 5 %",
  },
  {
    code: 'other-run',
    of: 'process',
    within: withMachine({ otherRuns: null }),
    beyond: withMachine({ otherRuns: [4711, 4812] }),
    seen: '2 other runs of feedbench under way, process id 4711 and 4812, more than 0',
  },
  {
    code: 'throttled',
    of: 'quota',
    within: withCounter('throttledTime', 0.01 * WINDOW_NS),
    beyond: withCounter('throttledTime', 0.023 * WINDOW_NS),
    seen: "a CPU quota held programs back for 2.3 % of a core's time, more than 1 %",
  },
  {
    code: 'stolen',
    of: 'hypervisor',
    within: withCounter('stolenTime', 0.01 * WINDOW_NS),
    beyond: withCounter('stolenTime', 0.017 * WINDOW_NS),
    seen: "the hypervisor ran other machines for 1.7 % of a core's time, more than 1 %",
  },
  {
    code: 'late-edge',
    of: 'first edge',
    // An edge within the window moves nothing into it or out of it.
    within: withMachine({
      edgeLatenessNs: Array.from({ length: 24 }, (_, edge) => (edge === 10 ? 2000 * MS : 190 * MS)),
    }),
    beyond: withMachine({ edgeLatenessNs: Array.from({ length: 24 }, (_, edge) => (edge === 3 ? 2000 * MS : MS)) }),
    seen: 'the first edge of the window was read 2.00 s late, 10.0 % of it, more than 1 %',
  },
  {
    code: 'late-edge',
    of: 'last edge',
    within: withMachine({ edgeLatenessNs: Array.from({ length: 24 }, (_, edge) => (edge === 0 ? 900 * MS : MS)) }),
    beyond: withMachine({ edgeLatenessNs: Array.from({ length: 24 }, (_, edge) => (edge === 23 ? 900 * MS : MS)) }),
    seen: 'the last edge of the window was read 900 ms late, 4.5 % of it, more than 1 %',
  },
  {
    code: 'slow-core',
    of: 'a core of the trial',
    within: withSpeeds(0.24 * MS, 0.1 * MS),
    beyond: withSpeeds(0.2 * MS, 0.31 * MS),
    seen: "core 1 took 1.55 times as long for the same work as in the variant's other trials, more than 1.2 times",
  },
  {
    code: 'clocks',
    of: 'errors',
    within: withCounter('clockErrors', 0),
    beyond: withCounter('clockErrors', 40),
    seen: 'the clocks disagree: 40 of the deliveries seem older than their publication, more than 0',
  },
  {
    code: 'link-missed',
    of: 'delay',
    within: withLink({ made: { ...LINK.made, delayNs: 52.5 * MS } }),
    beyond: withLink({ made: { ...LINK.made, delayNs: 53 * MS } }),
    seen: 'the link was asked for 50.0 ms each way and made 53.0 ms: 3.00 ms off, more than 2.50 ms',
  },
  {
    code: 'link-missed',
    of: 'rate',
    within: withLink({ asked: LIMITED, made: { ...LINK.made, bitsPerSecondDown: 9.1e6 } }),
    beyond: withLink({ asked: LIMITED, made: { ...LINK.made, bitsPerSecondDown: 8e6 } }),
    seen: 'the link was asked for 10 mbit down and made 8 mbit: 20 % off, more than 10 %',
  },
  {
    code: 'link-missed',
    of: 'loss',
    within: withLink({ asked: { ...LINK.asked, loss: 0.01 }, carried: withLost(30) }),
    beyond: withLink({ asked: { ...LINK.asked, loss: 0.01 }, carried: withLost(90) }),
    seen: 'of 2000 packets 90 were lost instead of 20: 70 off, more than 19',
  },
  {
    code: 'link-missed',
    of: 'room',
    within: withLink({}),
    beyond: withLink({ carried: { ...LINK.carried, failed: 3 } }),
    seen: '3 packets found no room in the link, more than 0',
  },
  {
    code: 'link-late',
    of: 'relay',
    within: withLink({ carried: { ...LINK.carried, lateness: { p50Ns: 0.1 * MS, p99Ns: 2.5 * MS, maxNs: 40 * MS } } }),
    beyond: withLink({ carried: { ...LINK.carried, lateness: { p50Ns: 0.1 * MS, p99Ns: 5 * MS, maxNs: 5 * MS } } }),
    seen: 'the link let packets out late: p99 5.00 ms, more than 2.50 ms',
  },
];

describe('every reason has its bound', () => {
  test.each(BOUNDARIES)('$code ($of)', ({ code, within, beyond, seen }) => {
    expect(codesOf(within)).toEqual([]);
    const [reason, ...others] = reasonsOf(beyond);
    expect(others).toEqual([]);
    expect(reason).toMatchObject({ code });
    expect(reason === undefined ? '' : reasonText(reason)).toBe(`${seen} (${reason?.remedy})`);
  });

  test('and none is left out here', () => {
    expect([...new Set(BOUNDARIES.map(({ code }) => code))]).toEqual(REASON_CODES);
  });
});

test.each([
  [0.7001, 'event loop busy 70.01 % of the time, more than 70 %'],
  [0.7041, 'event loop busy 70.4 % of the time, more than 70 %'],
  [0.7151, 'event loop busy 72 % of the time, more than 70 %'],
])('a share never reads like the bound that it passed: %d', (utilization, says) => {
  expect(reasonsOf(withLoop({ utilization })).map(reasonText).join()).toContain(says);
});

test('a cause outside is told apart from what the load itself causes', () => {
  const causes = BOUNDARIES.map(({ code, beyond }) => [code, reasonsOf(beyond)[0]?.cause]);
  expect(Object.fromEntries(causes)).toEqual({
    busy: 'load',
    stalled: 'load',
    starved: 'load',
    'publisher-late': 'load',
    'foreign-load': 'outside',
    'other-run': 'outside',
    throttled: 'outside',
    stolen: 'outside',
    'late-edge': 'outside',
    'slow-core': 'outside',
    clocks: 'outside',
    'link-missed': 'outside',
    'link-late': 'load',
  });
});

describe('the disturbance from outside', () => {
  test.each(BOUNDARIES)('of a trial with $code ($of)', ({ within, beyond }) => {
    expect(outsideDisturbance(within)).toBe(0);
    const [reason] = reasonsOf(beyond);
    // A slow core is told by comparison with other trials: a flag, for which nothing is measured again.
    const isTold = reason?.cause === 'outside' && reason.code !== 'slow-core';
    expect(outsideDisturbance(beyond)).toBeCloseTo(isTold ? reason.excess : 0);
    expect(reason?.excess).toBeGreaterThan(1);
  });

  const ofCounter = (id: CounterId, share: number) => (times: number) => withCounter(id, times * share * WINDOW_NS);
  test.each<[string, (times: number) => MeasuredTrial]>([
    ['foreign load', (times) => withCounter('coresBusy', 5740 * MS + times * 0.06 * 2 * WINDOW_NS)],
    ['other runs', (times) => withMachine({ otherRuns: Array.from({ length: times }, (_, index) => 4711 + index) })],
    ['throttling', ofCounter('throttledTime', 0.02)],
    ['steal', ofCounter('stolenTime', 0.02)],
    ['late edges', (times) => withMachine({ edgeLatenessNs: Array.from({ length: 24 }, () => times * 300 * MS) })],
    ['clocks', (times) => withCounter('clockErrors', 40 * times)],
  ])('grows with %s', (_cause, disturbed) => {
    expect(outsideDisturbance(disturbed(2))).toBeGreaterThan(outsideDisturbance(disturbed(1)));
  });

  test('does not grow with what the load itself causes, and does not go away by it', () => {
    const foreign = withCounter('coresBusy', 5740 * MS + 0.2 * 2 * WINDOW_NS);
    const starved = withWorker(
      { waitNsPerBin: Array.from({ length: 23 }, () => 170 * MS) },
      withLoop({ delayP99Ns: 3.9 * MS }, foreign),
    );
    expect(codesOf(starved)).toEqual(['starved', 'foreign-load']);
    expect(outsideDisturbance(starved)).toBe(outsideDisturbance(foreign));
  });

  test('knows nothing of the figures', () => {
    const slow = withLatency('staleness', 900 * MS, withLatency('delivery', 900 * MS));
    expect(outsideDisturbance(slow)).toBe(0);
  });
});

describe('a slow core', () => {
  test('is slow beside the other trials of the variant alone', () => {
    const slow = withSpeeds(9 * MS, 9 * MS);
    expect(codesOf(slow)).toEqual(['slow-core', 'slow-core']);
    expect(reasonsOf(slow, REAL_TIME, [])).toEqual([]);
    expect(reasonsOf(slow, REAL_TIME, [slow, slow])).toEqual([]);
    expect(reasonsOf(slow, REAL_TIME, [{ ...slow, machine: null }])).toEqual([]);
  });

  test('is slow over the window, not in a second of it', () => {
    const trial = withSpeeds(0.2 * MS, 0.2 * MS);
    const perBinNs = Array.from({ length: trial.window.bins }, (_, bin) => (bin % 3 === 0 ? 9 * MS : 0.2 * MS));
    expect(codesOf({ ...trial, ...withMachine({ yardstick: [{ core: 0, perBinNs }] }) })).toEqual([]);
  });

  test('never reads like the bound that it passed', () => {
    expect(reasonsOf(withSpeeds(0.2402 * MS))[0]?.seen).toContain('took 1.2010 times as long');
  });
});

test('only a worker can be a generator that is busy, stalled or starved', () => {
  const trial = websocketTrial();
  const eventLoop = { delayP50Ns: 9 * MS, delayP99Ns: 90 * MS, delayMaxNs: 2200 * MS, utilization: 0.99 };
  const processes = trial.processes.map((process) =>
    process.role === 'worker' ? process : { ...process, eventLoop, waitNsPerBin: process.cpuNsPerBin },
  );
  expect(codesOf({ ...trial, processes })).toEqual([]);
});

test('what a worker waits for does not matter where it is little beside what is measured', () => {
  const late = withLoop({ delayP99Ns: 3.9 * MS, delayMaxNs: 270 * MS }, pollingTrial());
  expect(codesOf(withWorker({ waitNsPerBin: Array.from({ length: 23 }, () => 170 * MS) }, late))).toEqual([]);
});

test('with two workers a stall is of half of the messages', () => {
  const one = withLoop({ delayMaxNs: 0.015 * WINDOW_NS });
  expect(codesOf(one)).toEqual(['stalled']);
  const idle = { ...one.processes.find(({ role }) => role === 'worker'), eventLoop: null } as ProcessRecord;
  expect(codesOf({ ...one, processes: [...one.processes, idle] })).toEqual([]);
});

test('a hiccup of two messages is none of the publisher, a stop of some seconds is', () => {
  const late = (messages: number): MeasuredTrial => {
    const histogram = new Histogram();
    for (let message = 0; message < 400; message++) histogram.record(message < messages ? 500 * MS : 0.01 * MS);
    const trial = pollingTrial();
    return { ...trial, histograms: { ...trial.histograms, lateness: histogram.snapshot() } };
  };
  expect(codesOf(late(2))).toEqual([]);
  expect(codesOf(late(28))).toEqual(['publisher-late']);
});

/** Staleness and delivery of 400 messages, of which the last ones are so much later than the rest. */
function withTail(messages: number, lateNs: number): MeasuredTrial {
  const both = { staleness: new Histogram(), delivery: new Histogram() };
  for (let message = 0; message < 400; message++) {
    const deliveryNs = message < messages ? 4 * MS : MS;
    both.delivery.record(deliveryNs);
    both.staleness.record(deliveryNs + (message < messages ? lateNs : 0));
  }
  const trial = websocketTrial();
  const histograms = { staleness: both.staleness.snapshot(), delivery: both.delivery.snapshot() };
  return { ...trial, histograms: { ...trial.histograms, ...histograms } };
}

test('lateness of a percentile that too few messages support has to be more than chance', () => {
  // Ten messages are beyond p97.5.
  expect(codesOf(withTail(9, 0.4 * MS))).toEqual([]);
  expect(reasonsOf(withTail(9, 9 * MS))[0]?.seen).toMatch(/69 % of the staleness p99 is lateness/);
  expect(reasonsOf(withTail(12, 0.4 * MS))[0]?.seen).toMatch(/9 % of the staleness p98 is lateness/);
});

test('a lateness that the timers of the kernel have anyway is none, however quick the deliveries', () => {
  expect(codesOf(withLatency('delivery', 0.16 * MS, withLatency('staleness', 0.2 * MS)))).toEqual([]);
});

test('the remedy for a late publisher depends on what the machine permits', () => {
  const late = withLatency('lateness', 1.5 * MS);
  expect(reasonsOf(late, REAL_TIME)[0]?.remedy).toMatch(/close other programs/);
  expect(reasonsOf(late, { publisherPriority: 'ordinary: real time is not permitted' })[0]?.remedy).toBe(
    'real time is not permitted here: run as root, or allow it with RLIMIT_RTPRIO (ulimit -r)',
  );
});

/** As where clients say the feed themselves: each message is so much later at each client. */
function said(latenessNs: number, deliveryNs: number): MeasuredTrial {
  const late = withLatency('lateness', latenessNs);
  const trial = withLatency('staleness', latenessNs + deliveryNs, withLatency('delivery', deliveryNs, late));
  return { ...trial, processes: trial.processes.filter(({ role }) => role !== 'publisher') };
}

test('clients that talk are held to what their lateness puts into what is shown', () => {
  // Later than a publisher may be.
  expect(codesOf(said(1.5 * MS, 40 * MS))).toEqual([]);
  expect(reasonsOf(said(4 * MS, 40 * MS))[0]).toMatchObject({
    code: 'publisher-late',
    seen: 'messages were published late: 9 % of the staleness p50 is lateness',
  });
  // Of deliveries that are quicker, less is enough.
  expect(codesOf(said(0.2 * MS, 2 * MS))).toEqual(['publisher-late']);
});

test('of clients that talk, lateness may be a tenth of the highest percentile that their messages support', () => {
  const withoutPublisher = (trial: MeasuredTrial): MeasuredTrial => ({
    ...trial,
    processes: trial.processes.filter(({ role }) => role !== 'publisher'),
  });
  expect(codesOf(withTail(12, 0.4 * MS))).toEqual(['publisher-late']);
  expect(codesOf(withoutPublisher(withTail(12, 0.4 * MS)))).toEqual([]);
  expect(reasonsOf(withoutPublisher(withTail(12, MS)))[0]?.seen).toMatch(/20 % of the staleness p98 is lateness/);
});

test('clients that talk are not told to run in real time', () => {
  const [reason] = reasonsOf(said(4 * MS, 40 * MS), { publisherPriority: 'ordinary: real time is not permitted' });
  expect(reason?.remedy).toBe('close other programs, or ask for fewer messages a second');
});

test('a verdict can be asked for a reason', () => {
  const verdict = verdictOf(withCounter('stolenTime', WINDOW_NS), REAL_TIME);
  expect(REASON_CODES.filter((code) => reasonsWith(verdict, code).length > 0)).toEqual(['stolen']);
});
