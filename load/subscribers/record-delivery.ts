import type { Recorder } from '../../scenarios/measures/recording.ts';

export interface Delivery {
  readonly dueNs: number;
  readonly publishedNs: number;
  readonly receivedNs: number;
}

/** The latencies of one delivery; one that seems to come from the future counts as a clock error and as 0, never as nothing. */
export function recordDelivery(recorder: Recorder, { dueNs, publishedNs, receivedNs }: Delivery): void {
  const deliveryNs = receivedNs - publishedNs;
  const stalenessNs = receivedNs - dueNs;
  if (deliveryNs < 0 || stalenessNs < 0) recorder.count('clockErrors', 1, receivedNs);
  recorder.record('staleness', Math.max(0, stalenessNs), dueNs);
  recorder.record('delivery', Math.max(0, deliveryNs), dueNs);
}
