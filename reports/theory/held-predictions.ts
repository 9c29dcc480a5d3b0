import { deliversLatest } from '../../scenarios/feed/conflation.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { realisedRate } from '../figures/feed-rate.ts';
import { isAvailable, per } from '../figures/figure.ts';
import { answerSizes, sizesOf } from './answer-sizes.ts';
import { compare, count, type Measured, number, type Prediction } from './prediction.ts';
import { isQuietLink } from './link/link-predictions.ts';
import { acknowledgements, answerSegmentsOf, heldExchangeBytes } from './wire-model.ts';

export function predictHeld({ result, trial, figures }: Measured): Prediction[] {
  const sizes = answerSizes(figures);
  if (sizes === undefined) return [];
  const { payloadBytes, requestBytes, answerHeadBytes } = sizes;
  const messagesPerAnswer = heldTogether({ result, trial, figures });
  if (messagesPerAnswer === undefined) return [];
  const answerBytes = answerHeadBytes + messagesPerAnswer * payloadBytes;
  const answerSegments = answerSegmentsOf(answerBytes, trial.variant.values);
  const exchange = { requestBytes, answerBytes, answerSegments };
  const acks = acknowledgements(answerSegments);
  return [
    compare({
      quantity: 'wire bytes per message',
      formula: 'P + (H + h × (s + k + a)) ÷ M, k from ⌈s/2⌉ to s, a from 0 to 1',
      inputs: [...sizesOf(sizes), count('s', answerSegments), number('M', messagesPerAnswer)],
      unit: 'bytes',
      stage: 'wire',
      predicted: {
        low: heldExchangeBytes(exchange, acks.fewest, 0) / messagesPerAnswer,
        high: heldExchangeBytes(exchange, acks.most, 1) / messagesPerAnswer,
      },
      measured: figures.wireBytesPerMessage.total,
    }),
  ];
}

/**
 * Messages in an answer to a held request: what comes while an answer and the next request travel. Where messages are held
 * back on purpose, those of a window, as many as there were.
 */
function heldTogether({ result, trial, figures }: Measured): number | undefined {
  // By Socket.IO's polls a binary message comes in two answers, or in one where there are others with it.
  // What waits for a line, or for TCP to send it again, is in no law of turns.
  const isTimed = isQuietLink({ trial, figures });
  if (!isTimed || deliversLatest(trial.variant.values) || trial.variant.values['frames'] === 'binary') {
    const realised = per(figures.deliveries, figures.answers, 'no answers');
    return isAvailable(realised) && realised > 0 ? realised : undefined;
  }
  const perTurnaround = (realisedRate(trial) * 2 * trial.oneWayDelayNs) / NS_PER_SECOND;
  return result.workload.feed.kind === 'poisson'
    ? perTurnaround + Math.exp(-perTurnaround)
    : Math.max(1, perTurnaround);
}
