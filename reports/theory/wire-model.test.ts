import { expect, test } from 'vitest';
import {
  answerSegmentsOf,
  acknowledgements,
  fewestAcksPerPush,
  heldExchangeBytes,
  pollExchangeBytes,
  pushBytes,
  segmentsOf,
} from './wire-model.ts';

// P = 35, H = 901, λ = 1/s, T = 1 s: measured in a lab as 1136, 1134 (a = 1) and 170 bytes a message on the wire.
test('small messages cost what was measured for them', () => {
  expect(pollExchangeBytes({ requestBytes: 700, answerBytes: 201 + 35, answerSegments: 1 }, 1)).toBe(35 + 901 + 3 * 66);
  expect(heldExchangeBytes({ requestBytes: 700, answerBytes: 201 + 35, answerSegments: 1 }, 1, 1)).toBe(
    35 + 901 + 3 * 66,
  );
  expect(heldExchangeBytes({ requestBytes: 700, answerBytes: 201 + 35, answerSegments: 1 }, 1, 0)).toBe(
    35 + 901 + 2 * 66,
  );
  expect(pushBytes(35 + 2, 1)).toBe(169);
});

test('an answer of many segments has an ACK for each second one at least, for each at most', () => {
  const acks = acknowledgements(10);
  expect(acks).toEqual({ fewest: 5, most: 10 });
  expect([1, 1448, 1449, 14_480].map(segmentsOf)).toEqual([1, 1, 2, 10]);
  expect(pollExchangeBytes({ requestBytes: 100, answerBytes: 14_480, answerSegments: 10 }, acks.fewest)).toBe(
    14_580 + 66 * (1 + 10 + 5),
  );
  expect(heldExchangeBytes({ requestBytes: 100, answerBytes: 14_480, answerSegments: 10 }, acks.fewest, 0)).toBe(
    14_580 + 66 * (1 + 10 + 4),
  );
});

test('ACKs are shared only where messages follow each other within the delay of an ACK', () => {
  expect(fewestAcksPerPush('fixed', 20)).toBe(1);
  expect(fewestAcksPerPush('fixed', 50)).toBeCloseTo(1 / 3);
  expect(fewestAcksPerPush('poisson', 25)).toBeCloseTo(1 / 2);
});

test('over HTTP/2 the head of an answer goes out before its body, unless a balancer ends it', () => {
  expect(answerSegmentsOf(300, {})).toBe(1);
  expect(answerSegmentsOf(300, { http: '1.1' })).toBe(1);
  expect(answerSegmentsOf(300, { http: '2' })).toBe(2);
  expect(answerSegmentsOf(300, { http: '2', balancer: 'haproxy' })).toBe(1);
  expect(answerSegmentsOf(14_480, { http: '2' })).toBe(11);
});
