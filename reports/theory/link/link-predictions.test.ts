import { expect, test } from 'vitest';
import { derivedRandom } from '../../../scenarios/feed/random.ts';
import type { LinkRecord } from '../../../scenarios/result/link.ts';
import type { MeasuredTrial, Result } from '../../../scenarios/result/result.ts';
import { figuresOf } from '../../figures/figures.ts';
import { longPollingTrial, pollingTrial, sampleResult, websocketTrial } from '../../testing/sample-result.ts';
import { held, turnaroundNs } from './link-predictions.ts';
import { predict } from '../predictions.ts';

const MS = 1e6;
const LINE = { frames: 1000, bytes: 400_000, lost: 0, dropped: 0 };

function overLink(trial: MeasuredTrial, delayMs: number, asked: Partial<LinkRecord['asked']> = {}): MeasuredTrial {
  const link: LinkRecord = {
    asked: { delayNs: delayMs * MS, bitsPerSecondDown: null, bitsPerSecondUp: null, loss: 0, ...asked },
    means: 'relay',
    made: { delayNs: delayMs * MS, spreadNs: 0, bitsPerSecondDown: null, bitsPerSecondUp: null },
    carried: { down: LINE, up: LINE, failed: 0, lateness: null },
  };
  return { ...trial, oneWayDelayNs: delayMs * MS, link };
}

/** Milliseconds that are predicted of a quantity; undefined where nothing is. */
function predictedMs(trial: MeasuredTrial, quantity: string, feed?: Result['workload']['feed']): number | undefined {
  const result = sampleResult();
  const workload = feed === undefined ? result.workload : { ...result.workload, feed };
  const all = predict({ result: { ...result, workload }, trial, figures: figuresOf(trial) });
  const found = all.find((prediction) => prediction.quantity === quantity);
  return found === undefined ? undefined : found.predicted.low / MS;
}

test('a push takes the delay once, and half of the clients before it', () => {
  // 51 × 20 µs ÷ 2, and 50 × 20 µs.
  expect(predictedMs(overLink(websocketTrial(), 50), 'mean staleness')).toBeCloseTo(50.51, 2);
  expect(predictedMs(overLink(websocketTrial(), 50), 'longest staleness')).toBeCloseTo(51, 2);
});

test('a poll is as old as an interval and the way back at most', () => {
  expect(predictedMs(overLink(pollingTrial(), 50), 'longest staleness')).toBeCloseTo(2050);
  expect(predictedMs(overLink(pollingTrial(), 50), 'mean staleness')).toBeCloseTo(1050);
});

test('long-polling: three transits at most, and λR²/(2M) beyond one in the mean', () => {
  const trial = overLink(longPollingTrial(), 50);
  const feed = { kind: 'poisson', messagesPerSecond: 20 } as const;
  expect(predictedMs(trial, 'longest staleness', feed)).toBeCloseTo(150);
  // λR = 2, M = 2 + e⁻²: 2 × 100 ms ÷ (2 × 2.1353); a request waits for e⁻² ÷ M of them, at c/2 a client.
  expect(predictedMs(trial, 'mean staleness', feed)).toBeCloseTo(50 + 46.83, 0);
});

test('a 4 Hz feed reaches long-polling as a push does until the delay is half of its interval, and then twice as late', () => {
  const feed = { kind: 'fixed', messagesPerSecond: 4 } as const;
  const slow = { ...longPollingTrial(), dueInWindow: 80 };
  expect(predictedMs(overLink(slow, 120), 'mean staleness', feed)).toBeLessThan(123);
  expect(predictedMs(overLink(slow, 130), 'mean staleness', feed)).toBeCloseTo(260);
});

test('without a link, with loss, and where a line is full nothing is said', () => {
  const quantities = ['mean staleness', 'longest staleness'];
  const none = [
    websocketTrial(),
    overLink(websocketTrial(), 50, { loss: 0.01 }),
    overLink(websocketTrial(), 50, { bitsPerSecondDown: 50_000 }),
  ];
  for (const trial of none) for (const quantity of quantities) expect(predictedMs(trial, quantity)).toBeUndefined();
  // 20 messages a second of some 400 B are 64 kbit/s; each of them takes 0.3 ms more of a line of 10 Mbit/s.
  const wide = predictedMs(overLink(websocketTrial(), 50, { bitsPerSecondDown: 10 * MS }), 'mean staleness') ?? 0;
  expect(wide).toBeGreaterThan(50.6);
  expect(wide).toBeLessThan(50.9);
});

/** Plays messages to a client that asks again `turnNs` after each answer: what the law says in closed form. */
function played(arrivalsNs: readonly number[], turnNs: number): number {
  let [askedNs, waitedNs] = [0, 0];
  let waiting: number[] = [];
  for (const arrivalNs of arrivalsNs) {
    // Those that waited went with the request that came meanwhile.
    if (waiting.length > 0 && askedNs <= arrivalNs) {
      for (const sinceNs of waiting) waitedNs += askedNs - sinceNs;
      waiting = [];
      askedNs += turnNs;
    }
    if (askedNs <= arrivalNs) askedNs = arrivalNs + turnNs;
    else waiting.push(arrivalNs);
  }
  return waitedNs / arrivalsNs.length;
}

test('the mean wait of a Poisson feed is that of a schedule that is played', () => {
  const random = derivedRandom(3, 1);
  for (const perTurn of [0.2, 1, 2, 6]) {
    let nowNs = 0;
    const arrivals = Array.from({ length: 200_000 }, () => (nowNs -= (100 * MS * Math.log(1 - random())) / perTurn));
    expect(held('poisson', perTurn, 100 * MS).waitNs / played(arrivals, 100 * MS)).toBeCloseTo(1, 1.5);
  }
});

test('how long a turn took follows from how many messages an answer had', () => {
  for (const perTurn of [0.3, 1, 5])
    expect(turnaroundNs('poisson', perTurn + Math.exp(-perTurn), 20e-9)).toBeCloseTo(perTurn / 20e-9, -2);
  expect(turnaroundNs('fixed', 3, 20e-9)).toBeCloseTo(150 * MS);
  expect(turnaroundNs('fixed', 1, 20e-9)).toBe(0);
});
