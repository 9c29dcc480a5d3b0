import type { Recorder } from '../../scenarios/measures/recording.ts';
import type { Arrival } from './audit.ts';

export interface Delivery {
  readonly arrival: Arrival;
  readonly dueNs: number;
  readonly publishedNs: number;
  readonly payloadBytes: number;
  readonly receivedNs: number;
  /** Of a client that does not look all the time: for how long of a span it did not. */
  readonly awayNs?: ((fromNs: number, toNs: number) => number) | undefined;
}

/**
 * Every message that became readable is a delivery; only one that is right has latencies, for what another says of its
 * times is not to be believed. One that seems to come from the future counts as a clock error and as 0, never as nothing.
 * Nobody waits for a message while nobody looks: that time is in no latency.
 */
export function recordDelivery(recorder: Recorder, delivery: Delivery): void {
  const { arrival, dueNs, publishedNs, payloadBytes, receivedNs, awayNs } = delivery;
  recorder.count('deliveries', 1, receivedNs);
  recorder.count('payloadBytes', payloadBytes, receivedNs);
  // Of a server's own feed nobody may say when a message was due.
  if (arrival !== 'right' || Number.isNaN(dueNs)) return;
  const deliveryNs = receivedNs - publishedNs - (awayNs?.(publishedNs, receivedNs) ?? 0);
  const stalenessNs = receivedNs - dueNs - (awayNs?.(dueNs, receivedNs) ?? 0);
  if (receivedNs < publishedNs || receivedNs < dueNs) recorder.count('clockErrors', 1, receivedNs);
  recorder.record('staleness', Math.max(0, stalenessNs), dueNs);
  recorder.record('delivery', Math.max(0, deliveryNs), dueNs);
}
