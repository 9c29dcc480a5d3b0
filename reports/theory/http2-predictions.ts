import { framingBytes } from '../../scenarios/carriage.ts';
import { hpackTextBytes } from '../../scenarios/http2/hpack.ts';
import { dataFramesOf, pollHeadBytes, SAME_REQUEST_FIELDS } from '../../scenarios/http2/poll-heads.ts';
import { isAddressed } from '../../scenarios/feed/kinds/feed-kinds.ts';
import type { Carriage } from '../../scenarios/transport-traits.ts';
import { isCompressed } from '../../scenarios/variant.ts';
import { windowNs } from '../../scenarios/result/result.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { realisedRate } from '../figures/feed-rate.ts';
import { isAvailable, per } from '../figures/figure.ts';
import { answerSizes } from './answer-sizes.ts';
import { compare, count, type Measured, number, type Prediction, size } from './prediction.ts';

/** Of each record of TLS 1.3: its head, the kind of what is in it, and what proves it (RFC 8446, section 5.2). */
const RECORD_BYTES = 22;
/** Between messages in an answer, and around all of them. */
const BRACKET_BYTES = 2;

/** What goes over a connection of HTTP/2, as its client counts it; of other variants nothing. */
export function predictHttp2(measured: Measured, path: string | undefined, carriage: Carriage): Prediction[] {
  const { variant } = measured.trial;
  // Balancers have heads and frames of their own.
  if (variant.values['http'] !== '2' || variant.values['balancer'] !== undefined || isCompressed(variant)) return [];
  if (carriage.cadence === 'push') return predictPushed(measured, carriage);
  return path === undefined || !asksAsUsual(measured) ? [] : predictHeads(measured, path);
}

/** Who shows a token, a tag or channels says more, and nothing here knows how long that is. */
function asksAsUsual({ result, trial: { variant } }: Measured): boolean {
  const { ask = 'since', auth = 'none', keepalive = 'warm' } = variant.values;
  return ask === 'since' && auth === 'none' && keepalive === 'warm' && !isAddressed(result.workload.feed);
}

function recordBytes({ trial }: Measured): number {
  return trial.variant.values['tls'] === undefined ? 0 : RECORD_BYTES;
}

/** Besides messages: frames, what the tables do not keep, and brackets. A frame without data may go out with the one before it. */
function predictHeads(measured: Measured, path: string): Prediction[] {
  const { trial, figures } = measured;
  const sizes = answerSizes(figures);
  const messages = per(figures.deliveries, figures.answers, 'no answers');
  const everyNs = per(trial.clients * windowNs(trial), figures.answers, 'no answers');
  const { emptyShare } = figures;
  if (sizes === undefined || !isAvailable(messages) || !isAvailable(everyNs) || !isAvailable(emptyShare)) return [];
  const headers = trial.variant.values['headers'] === 'minimal' ? 'minimal' : 'browser';
  const newDates = Math.min(1, everyNs / NS_PER_SECOND);
  const target = middleTarget(measured, path);
  const brackets = BRACKET_BYTES * (messages + emptyShare);
  const bodyBytes = (messages * sizes.payloadBytes + brackets) / Math.max(1 - emptyShare, 0.01);
  const heads = (bytes: number): number => pollHeadBytes({ headers, target, newDates, bodyBytes: bytes });
  const predicted = emptyShare * heads(BRACKET_BYTES) + (1 - emptyShare) * heads(bodyBytes) + brackets;
  const records = recordBytes(measured);
  // One for the request, one or two for the answer, and one for each more frame that its body takes.
  const more = (1 - emptyShare) * (dataFramesOf(bodyBytes) - 1);
  return [
    compare({
      quantity: 'bytes of a poll besides messages',
      formula: `(3 + b) × 9 B + n + path + length + D date + brackets${records === 0 ? '' : ' + 22 B × (1 + b to 2 + b)'}`,
      inputs: [
        count('n', SAME_REQUEST_FIELDS[headers], ' fields'),
        size('path', hpackTextBytes(target)),
        number('D', newDates),
        number('b', 1 + more),
      ],
      unit: 'bytes',
      stage: 'wire',
      predicted: { low: predicted + (2 + more) * records, high: predicted + (3 + more) * records },
      measured: sizes.requestBytes + sizes.answerHeadBytes,
    }),
  ];
}

/** As in the middle of the window. */
function middleTarget({ trial }: Measured, path: string): string {
  const { binNs, firstBin, endBin } = trial.window;
  const seq = (realisedRate(trial) * binNs * (firstBin + endBin)) / 2 / NS_PER_SECOND;
  return `${path}?since=${Math.max(1, Math.round(seq))}`;
}

/** Windows that are opened again take less than a thousandth of it: 26 B for 32 KiB. */
function predictPushed(measured: Measured, { framing }: Extract<Carriage, { cadence: 'push' }>): Prediction[] {
  const { payloadBytesPerMessage: payloadBytes, transportBytesPerMessage: transport } = measured.figures;
  if (!isAvailable(payloadBytes)) return [];
  const frameBytes = framingBytes(framing, payloadBytes);
  const records = recordBytes(measured);
  return [
    compare({
      quantity: 'bytes of a message on its connection',
      formula: `P + f${records === 0 ? '' : ' + 22 B'}`,
      inputs: [size('P', payloadBytes), count('f', frameBytes, ' B')],
      unit: 'bytes',
      stage: 'wire',
      predicted: payloadBytes + frameBytes + records,
      measured: transport.total,
    }),
  ];
}
