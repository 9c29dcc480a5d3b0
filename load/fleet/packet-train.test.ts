import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { queueBytes } from '../../scenarios/path/links.ts';
import { answerTrains, measureRates, rateOf, trainLength } from './packet-train.ts';

test('a train finds room in the queue of its line, and has enough packets to tell', () => {
  for (const rate of [1e3, 64e3, 1.6e6, 10e6, 1e9, 10e9]) {
    expect(trainLength(rate)).toBeGreaterThanOrEqual(8);
    expect(trainLength(rate) * 1514).toBeLessThan(queueBytes(rate));
  }
  // A tenth of a second at 1.6 Mbit/s.
  expect(trainLength(1.6e6)).toBe(15);
});

test('the rate follows from the first and the last that came, whatever was lost between them', () => {
  const oneNs = 1514 * 8 * 1000;
  const arrivals = [1, 2, 5, 9].map((number) => ({ number, atNs: 7 + number * oneNs }));
  expect(rateOf(arrivals)).toBeCloseTo(1e6);
  expect(rateOf(arrivals.slice(0, 1))).toBe(0);
  expect(rateOf([])).toBe(0);
});

test('both ways are measured, and what is not limited is not', async () => {
  const far = createSocket('udp4');
  const near = createSocket('udp4');
  try {
    answerTrains(far);
    far.bind(0, '127.0.0.1');
    await once(far, 'listening');
    const place = { address: '127.0.0.1', port: far.address().port };
    const rates = await measureRates(near, place, { bitsPerSecondDown: 1e6, bitsPerSecondUp: null, delayNs: 0 });
    expect(rates.bitsPerSecondDown).toBeGreaterThan(1e6);
    expect(rates.bitsPerSecondUp).toBeNull();
    const up = await measureRates(near, place, { bitsPerSecondDown: null, bitsPerSecondUp: 1e6, delayNs: 0 });
    expect(up.bitsPerSecondUp).toBeGreaterThan(1e6);
  } finally {
    far.close();
    near.close();
  }
});
