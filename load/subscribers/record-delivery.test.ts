import { expect, test } from 'vitest';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { type Delivery, recordDelivery } from './record-delivery.ts';

const BINS = { originNs: 1000, binNs: NS_PER_SECOND, count: 2 };
/** Due and published in the first bin, received in the second. */
const late: Delivery = {
  arrival: 'right',
  dueNs: BINS.originNs + 100,
  publishedNs: BINS.originNs + 400,
  payloadBytes: 250,
  receivedNs: BINS.originNs + NS_PER_SECOND + 500,
};

function recorded(delivery: Delivery): ReturnType<Recorder['snapshot']> {
  const recorder = new Recorder(BINS);
  recordDelivery(recorder, delivery);
  return recorder.snapshot();
}

test('latencies are of the bin in which the message was due, what happened of the one in which it came', () => {
  const [first, second] = recorded(late);
  expect(first).toMatchObject({
    counters: {},
    histograms: {
      staleness: { count: 1, sumNs: NS_PER_SECOND + 400 },
      delivery: { count: 1, sumNs: NS_PER_SECOND + 100 },
    },
  });
  expect(second).toEqual({ histograms: {}, gauges: {}, counters: { deliveries: 1, payloadBytes: 250 } });
});

test.each(['corrupted', 'misplaced'] as const)('what is %s is a delivery without latencies', (arrival) => {
  const [first, second] = recorded({ ...late, arrival });
  expect(first?.histograms).toEqual({});
  expect(second).toEqual({ histograms: {}, gauges: {}, counters: { deliveries: 1, payloadBytes: 250 } });
});

test('what seems to come before it was published counts as a clock error and as 0', () => {
  const receivedNs = late.dueNs + 50;
  const [first] = recorded({ ...late, receivedNs });
  expect(first?.counters.clockErrors).toBe(1);
  expect(first?.histograms).toMatchObject({ staleness: { sumNs: 50 }, delivery: { count: 1, sumNs: 0 } });
});

test('the time in which nobody looked is in no latency', () => {
  const awayNs = (fromNs: number, toNs: number): number => (toNs - fromNs) / 2;
  const [first] = recorded({ ...late, awayNs });
  expect(first?.histograms).toMatchObject({
    staleness: { sumNs: (NS_PER_SECOND + 400) / 2 },
    delivery: { sumNs: (NS_PER_SECOND + 100) / 2 },
  });
  expect(first?.counters).toEqual({});
});
