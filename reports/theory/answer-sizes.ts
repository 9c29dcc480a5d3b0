import { derive, isAvailable, per } from '../figures/figure.ts';
import type { Figures } from '../figures/figures.ts';
import { type Input, size } from './prediction.ts';

export interface AnswerSizes {
  readonly payloadBytes: number;
  readonly requestBytes: number;
  /** Headers, and the brackets and commas of the JSON array: two bytes a message, which are negligible. */
  readonly answerHeadBytes: number;
}

/** Sizes as measured: they are given to the theory, which says what becomes of them on the wire. */
export function answerSizes(figures: Figures): AnswerSizes | undefined {
  const { payloadBytesPerMessage: payloadBytes, transportBytesPerMessage: transport } = figures;
  const messagesPerAnswer = per(figures.deliveries, figures.answers, 'no answers');
  const requestBytes = derive([transport.up, messagesPerAnswer], (bytes, messages) => bytes * messages);
  const answerHeadBytes = derive(
    [transport.down, payloadBytes, messagesPerAnswer],
    (bytes, payload, messages) => (bytes - payload) * messages,
  );
  if (!isAvailable(payloadBytes) || !isAvailable(requestBytes) || !isAvailable(answerHeadBytes)) return undefined;
  return { payloadBytes, requestBytes, answerHeadBytes };
}

export function sizesOf({ payloadBytes, requestBytes, answerHeadBytes }: AnswerSizes): Input[] {
  return [size('P', payloadBytes), size('H', requestBytes + answerHeadBytes)];
}
