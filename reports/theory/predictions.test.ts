import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMeasured, type MeasuredTrial, type Result } from '../../scenarios/result/result.ts';
import { figuresOf } from '../figures/figures.ts';
import { compare, type Prediction } from './prediction.ts';
import { predict } from './predictions.ts';
import { nodesAtOnce } from './push-predictions.ts';
import { longPollingTrial, pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';

function predictionsOf(trial: MeasuredTrial, result: Partial<Result> = {}): Prediction[] {
  return predict({ result: sampleResult(result), trial, figures: figuresOf(trial) });
}

function find(predictions: readonly Prediction[], quantity: string): Prediction {
  const found = predictions.find((prediction) => prediction.quantity === quantity);
  if (found === undefined) throw new Error(`no prediction of ${quantity}`);
  return found;
}

test('a poll is stale by half the interval and the way back', () => {
  const { predicted } = find(predictionsOf(pollingTrial()), 'mean staleness');
  expect(predicted).toEqual({ low: 1e9 + 50_000, high: 1e9 + 50_000 });
});

test('polling never goes faster than the round trip', () => {
  const slow = { ...pollingTrial(), oneWayDelayNs: 3e9 };
  expect(find(predictionsOf(slow), 'mean staleness').predicted.low).toBe(6e9 / 2 + 3e9);
});

test('empty polls follow the schedule as it was; the law of the long run stands beside it', () => {
  const { workload } = sampleResult();
  const sparse = { workload: { ...workload, feed: { kind: 'poisson', messagesPerSecond: 0.2 } } } as const;
  const trial = { ...pollingTrial(), dueInWindow: 4 };
  const predictions = predictionsOf(trial, sparse);
  const longRun = find(predictions, 'empty polls, in the long run');
  expect(longRun).toMatchObject({ longRunOnly: true, unexplained: false, formula: 'e^(−λT)' });
  expect(longRun.predicted.low).toBeCloseTo(Math.exp(-0.4));
  const here = find(predictions, 'empty polls, for this schedule').predicted.low;
  expect(here).toBeGreaterThan(0);
  expect(here).toBeLessThan(1);
});

test('a fixed feed that is rarer than the polls leaves 1 − T/Δ of them empty, either way', () => {
  const { workload } = sampleResult();
  const rare = { workload: { ...workload, feed: { kind: 'fixed', messagesPerSecond: 0.25 } } } as const;
  const predictions = predictionsOf({ ...pollingTrial(), dueInWindow: 5 }, rare);
  expect(find(predictions, 'empty polls, in the long run').predicted.low).toBeCloseTo(0.5);
  expect(find(predictions, 'empty polls, for this schedule').predicted.low).toBeCloseTo(0.5, 1);
  // Every eighth second of polls that come every other.
  const rarer = { workload: { ...workload, feed: { kind: 'fixed', messagesPerSecond: 0.125 } } } as const;
  const { low } = find(predictionsOf(pollingTrial(), rarer), 'empty polls, for this schedule').predicted;
  expect(Math.abs(low - 0.75)).toBeLessThan(0.1);
});

test('the bytes of a poll are shared by the messages in its answer', () => {
  const { predicted } = find(predictionsOf(pollingTrial()), 'wire bytes per message');
  // 40 messages of 300 B and 300 B of head are 9 segments; with the request and 5 ACKs that is 15 × 66 B.
  expect(predicted.low).toBeCloseTo(300 + (900 + 15 * 66) / 40, 0);
  // Or an ACK for each of them.
  expect(predicted.high).toBeCloseTo(300 + (900 + 19 * 66) / 40, 0);
});

test('a held answer costs between two and three packets', () => {
  const { predicted } = find(predictionsOf(longPollingTrial()), 'wire bytes per message');
  expect(predicted.low).toBeCloseTo(300 + 850 + 2 * 66);
  expect(predicted.high).toBeCloseTo(300 + 850 + 3 * 66);
});

test('a push waits for half of the clients before it, and costs a frame and two packets', () => {
  const predictions = predictionsOf(websocketTrial());
  expect(find(predictions, 'median staleness').predicted.low / 1e6).toBeCloseTo(0.05 + 0.51, 1);
  const staleness = find(predictions, 'median staleness, by stages');
  const parts = ['lateness', 'backplane'] as const;
  const knownNs = parts.map((id) => websocketTrial().histograms[id]?.sumNs ?? Number.NaN);
  expect(knownNs.every(Number.isFinite)).toBe(true);
  // l about 10 µs, b about 200 µs, d 50 µs, 51 × 20 µs ÷ 2.
  expect(staleness.predicted.low / 1e6).toBeCloseTo(0.01 + 0.2 + 0.05 + 0.51, 1);
  expect(find(predictions, 'wire bytes per message')).toMatchObject({
    predicted: { low: 436, high: 436 },
    unexplained: false,
  });
});

test('a transport is told by its traits, never by its name', () => {
  const trial = websocketTrial();
  const renamed = { ...trial, variant: { ...trial.variant, transport: 'carrier-pigeon' } };
  const { websocket } = sampleResult().transports;
  if (websocket?.cadence !== 'push') throw new Error('the sample has no WebSocket that pushes');
  expect(predictionsOf(renamed, { transports: { 'carrier-pigeon': websocket } })).toEqual(predictionsOf(trial));
  const heavy = { ...websocket, framing: [{ fromBytes: 0, addsBytes: 11 }] };
  const bytes = find(predictionsOf(renamed, { transports: { 'carrier-pigeon': heavy } }), 'wire bytes per message');
  expect(bytes.predicted).toEqual({ low: 443, high: 443 });
  expect(predictionsOf(renamed, { transports: {} })).toEqual([]);
});

test('a message that is written in two parts takes a segment more, and up to an ACK more', () => {
  const { websocket } = sampleResult().transports;
  if (websocket?.cadence !== 'push') throw new Error('the sample has no WebSocket that pushes');
  const once = find(predictionsOf(websocketTrial()), 'wire bytes per message').predicted;
  const apart = { transports: { websocket: { ...websocket, writes: 2 } } };
  const twice = find(predictionsOf(websocketTrial(), apart), 'wire bytes per message').predicted;
  expect(twice).toEqual({ low: once.low + 66, high: once.high + 2 * 66 });
});

test('bytes that were compressed are predicted by no law', () => {
  const trial = websocketTrial();
  const { values } = trial.variant;
  const quantities = (compression: string): string[] =>
    predictionsOf({ ...trial, variant: { ...trial.variant, values: { ...values, compression } } }).map(
      ({ quantity }) => quantity,
    );
  expect(quantities('none')).toContain('wire bytes per message');
  expect(quantities('deflate')).not.toContain('wire bytes per message');
  expect(quantities('deflate')).toContain('median staleness');
});

test('a fast feed may share its ACKs, so the prediction is a range', () => {
  const { workload } = sampleResult();
  const fast = { workload: { ...workload, feed: { kind: 'fixed', messagesPerSecond: 100 } } } as const;
  const { predicted } = find(predictionsOf({ ...websocketTrial(), dueInWindow: 2000 }, fast), 'wire bytes per message');
  expect(predicted.low).toBeCloseTo(304 + 66 * 1.2);
  expect(predicted.high).toBe(436);
});

test('every measured trial of the sample can be predicted, and nothing comes out as no number', () => {
  for (const trial of sampleResult().trials.filter(isMeasured)) {
    for (const { predicted } of predictionsOf(trial)) {
      expect(predicted.low).toBeGreaterThanOrEqual(0);
      expect(predicted.high).toBeGreaterThanOrEqual(predicted.low);
    }
  }
});

const statement = { quantity: 'q', formula: 'f', inputs: [], unit: 'bytes', stage: 'wire' } as const;

test('inside the range nothing is left over; outside, the distance to its nearer end', () => {
  const positive = fc.double({ min: 1, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(positive, positive, positive, (first, second, measured) => {
      const predicted = { low: Math.min(first, second), high: Math.max(first, second) };
      const { residual, unexplained } = compare({ ...statement, predicted, measured });
      const nearest = Math.min(Math.max(measured, predicted.low), predicted.high);
      expect(residual).toBeCloseTo((measured - nearest) / nearest, 9);
      expect(unexplained).toBe(Math.abs((measured - nearest) / nearest) > 0.15);
    }),
  );
});

test('what was not measured has no residual, and is not called unexplained', () => {
  const measured = { reason: 'no wire' };
  expect(compare({ ...statement, predicted: 5, measured })).toMatchObject({ residual: measured, unexplained: false });
});

test('two small shares are not compared as if they were large', () => {
  const small = { ...statement, unit: 'share' } as const;
  expect(compare({ ...small, predicted: 0, measured: 0 }).residual).toBe(0);
  expect(compare({ ...small, predicted: 0.001, measured: 0.002 }).unexplained).toBe(false);
  expect(compare({ ...small, predicted: 0, measured: 0.1 }).unexplained).toBe(true);
});

test('each prediction says what it is of, by which formula, and what went into it', () => {
  const told = [pollingTrial(), longPollingTrial(), websocketTrial()].flatMap((trial) =>
    predictionsOf(trial).map(({ quantity, formula, basis, unit }) => `${quantity} (${unit}) = ${formula}: ${basis}`),
  );
  expect(told).toMatchInlineSnapshot(`
    [
      "mean staleness (ns) = T/2 + d: T 2.00 s, d 50.0 µs",
      "empty polls, for this schedule (share) = Σ max(0, gap − T) ÷ window: T 2.00 s, d 50.0 µs",
      "empty polls, in the long run (share) = 1 − T/Δ, at least 0: λT 40.0",
      "wire bytes per message (bytes) = P + (H + h × (1 + s + k)) ÷ m, k from ⌈s/2⌉ to s: P 300 B, H 900 B, s 9.00, m 40.0",
      "wire bytes per message (bytes) = P + (H + h × (s + k + a)) ÷ M, k from ⌈s/2⌉ to s, a from 0 to 1: P 300 B, H 850 B, s 1, M 1.00",
      "median staleness (ns) = d + (N + 1)c/2: d 50.0 µs, c 20.0 µs, N 50 a core",
      "median staleness, by stages (ns) = l + b + d + (N + 1)c/2: l 9.98 µs, b 200 µs, d 50.0 µs, c 20.0 µs, N 50 a node",
      "wire bytes per message (bytes) = P + f + h × (1 + k): P 300 B, f 4 B, s 1, k 1",
    ]
  `);
});

test('what two nodes on one core serve, they serve one after the other', () => {
  const trial = websocketTrial();
  const node = trial.processes.find(({ role }) => role === 'node');
  if (node === undefined) throw new Error('the sample has no node');
  const others = trial.processes.filter(({ role }) => role !== 'node');
  const variant = { ...trial.variant, values: { ...trial.variant.values, nodes: 2 } };
  const on = (...cores: readonly number[][]): number =>
    nodesAtOnce({ ...trial, variant, processes: [...cores.map((pins) => ({ ...node, cores: pins })), ...others] });
  expect(on([0], [0])).toBe(1);
  expect(on([0], [1])).toBe(2);
  expect(on([0, 1, 2], [3])).toBe(2);
  expect(on([], [])).toBe(2);
});

test('of what was not measured nothing is predicted that hangs on it', () => {
  const blind = (id: 'payloadBytes' | 'transportBytesUp'): string[] => {
    const trial = { ...pollingTrial(), sources: { [id]: { kind: 'n/a', reason: 'not seen' } } } as const;
    return predictionsOf(trial).map(({ quantity }) => quantity);
  };
  for (const id of ['payloadBytes', 'transportBytesUp'] as const)
    expect(blind(id)).not.toContain('wire bytes per message');
  const unheard = { ...websocketTrial(), sources: { payloadBytes: { kind: 'n/a', reason: 'not seen' } } } as const;
  expect(predictionsOf(unheard).map(({ quantity }) => quantity)).toEqual([
    'median staleness',
    'median staleness, by stages',
  ]);
  const unseen = { ...websocketTrial(), sources: { backplane: { kind: 'n/a', reason: 'not seen' } } } as const;
  expect(predictionsOf(unseen).map(({ quantity }) => quantity)).toEqual(['median staleness', 'wire bytes per message']);
  const held = { ...longPollingTrial(), sources: { transportBytesUp: { kind: 'n/a', reason: 'not seen' } } } as const;
  expect(predictionsOf(held)).toEqual([]);
});

test('held polls share an answer where messages come faster than a client turns around', () => {
  const far = { ...longPollingTrial(), oneWayDelayNs: 100e6, dueInWindow: 400 };
  // 20 bins at 20 messages a second: 20 × 0.2 s = 4 messages while an answer and the next request travel.
  const { basis } = find(predictionsOf(far), 'wire bytes per message');
  expect(basis).toContain('M 4.00');
});

test('a push that reaches one client waits for that one write alone', () => {
  const one = { ...websocketTrial(), clients: 1 };
  expect(find(predictionsOf(one), 'median staleness').predicted.low).toBeCloseTo(50_000 + 20_000, 3);
});

test('of a trial in which nothing was delivered no staleness is predicted', () => {
  const trial = { ...websocketTrial(), countersPerBin: {} };
  expect(predictionsOf(trial).map(({ quantity }) => quantity)).toEqual([]);
});

test('an answer of a held poll has what was due meanwhile: at random there may be nothing, and it waits for one', () => {
  const { workload } = sampleResult();
  const random = { workload: { ...workload, feed: { kind: 'poisson', messagesPerSecond: 20 } } } as const;
  const basisOf = (oneWayDelayNs: number): string =>
    find(predictionsOf({ ...longPollingTrial(), oneWayDelayNs, dueInWindow: 400 }, random), 'wire bytes per message')
      .basis;
  // 20 a second × 2d = 1: and e^-1 more, because an answer is never empty.
  expect(basisOf(25e6)).toContain('M 1.37');
  expect(basisOf(50e6)).toContain('M 2.14');
});

test('pushes that follow each other closely may share an acknowledgement, and the basis tells how many', () => {
  const { workload } = sampleResult();
  const random = { workload: { ...workload, feed: { kind: 'poisson', messagesPerSecond: 20 } } } as const;
  const { basis, predicted } = find(predictionsOf(websocketTrial(), random), 'wire bytes per message');
  expect(basis).toMatch(/k 0\.\d+ to 1$/);
  expect(predicted.low).toBeLessThan(predicted.high);
});

test('a share that is next to nothing is compared as one of a hundred, other quantities as they are', () => {
  const residualOf = (unit: 'share' | 'bytes'): unknown =>
    compare({ ...statement, unit, predicted: 0.001, measured: 0.002 }).residual;
  expect(residualOf('share')).toBeCloseTo(0.1, 6);
  expect(residualOf('bytes')).toBeCloseTo(1, 6);
});

describe('where clients get the newest of each key', () => {
  const latest = (trial: MeasuredTrial): MeasuredTrial => ({
    ...trial,
    variant: { ...trial.variant, values: { ...trial.variant.values, deliver: 'latest' } },
  });

  test('an answer to a poll holds as many messages as there are keys, fresher than half an interval', () => {
    const predictions = predictionsOf(latest(pollingTrial()));
    // 40 messages an interval, of eight symbols.
    expect(find(predictions, 'wire bytes per message').basis).toContain('m 8.00');
    const staleness = find(predictions, 'mean staleness');
    expect(staleness.formula).toBe('Σ L² ÷ 2 Σ L + d, L at most T');
    // Of eight keys at 20 a second each is replaced after 0.4 s in the mean, and gaps are exponential: about their mean.
    expect(staleness.predicted.low).toBeGreaterThan(0.25e9);
    expect(staleness.predicted.low).toBeLessThan(0.55e9);
  });

  test('of keys that are not known nothing is said that hangs on them', () => {
    const { workload } = sampleResult();
    const unknown = { workload: { ...workload, payload: { kind: 'poems', bytes: 200 } } };
    const quantities = predictionsOf(latest(pollingTrial()), unknown).map(({ quantity }) => quantity);
    expect(quantities).toEqual(['empty polls, for this schedule', 'empty polls, in the long run']);
  });

  test('a held answer has what came within a window, as many as there were', () => {
    const trial = longPollingTrial();
    const counters = trial.countersPerBin;
    const halved = { ...counters, answers: (counters.answers ?? []).map((answers) => answers / 2) };
    const { basis } = find(predictionsOf(latest({ ...trial, countersPerBin: halved })), 'wire bytes per message');
    expect(basis).toContain('M 2.00');
  });

  test('pushes of a window may share a segment and its ACK, and how long they waited follows from no law', () => {
    const predictions = predictionsOf(latest(websocketTrial()));
    expect(predictions.map(({ quantity }) => quantity)).toEqual(['wire bytes per message']);
    // Two of 20 a second in 100 ms: one segment and one ACK for both, or for each.
    expect(find(predictions, 'wire bytes per message').predicted).toEqual({ low: 304 + 66, high: 436 });
  });
});

test('over HTTP/2 with TLS each 16 KiB of an answer is a frame and a record', () => {
  const { transports } = sampleResult();
  const polling = { ...transports['polling'], path: '/messages' } as Result['transports'][string];
  const recordBytes = (times: number): number[] => {
    const trial = pollingTrial();
    const { payloadBytes, transportBytesDown } = trial.countersPerBin;
    const larger = [payloadBytes, transportBytesDown].map((bins) => bins?.map((bytes) => bytes * times) ?? []);
    const [payload = [], down = []] = larger;
    const countersPerBin = { ...trial.countersPerBin, payloadBytes: payload, transportBytesDown: down };
    const polls = (values: Record<string, string>): Prediction['predicted'] => {
      const variant = { ...trial.variant, values: { ...trial.variant.values, http: '2', ...values } };
      const own = predictionsOf({ ...trial, variant, countersPerBin }, { transports: { ...transports, polling } });
      return find(own, 'bytes of a poll besides messages').predicted;
    };
    const [plain, secured] = [polls({}), polls({ tls: 'tls1.3' })];
    return [secured.low - plain.low, secured.high - plain.high].map(Math.round);
  };
  // 40 messages of 300 B fit into one; twice as large they do not.
  expect(recordBytes(1)).toEqual([2 * 22, 3 * 22]);
  expect(recordBytes(2)).toEqual([3 * 22, 4 * 22]);
});
