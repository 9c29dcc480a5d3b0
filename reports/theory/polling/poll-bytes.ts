import { BETWEEN_BYTES, STATE_HEAD_BYTES } from '../../../scenarios/asking/state-answers.ts';
import { asksForStates, isCompressed } from '../../../scenarios/variant.ts';
import { answerSizes, sizesOf } from '../answer-sizes.ts';
import { compare, type Input, type Measured, number, type Prediction, size } from '../prediction.ts';
import {
  acknowledgements,
  answerSegmentsOf,
  CONNECTION_BYTES,
  NO_CONNECTION,
  pollExchangeBytes,
} from '../wire-model.ts';
import { meanOverPolls } from './poll-schedule.ts';
import type { RhythmicOutcome } from './rhythm-schedule.ts';

/** How much an answer has around its messages, and how much is in it. */
interface AnswerLaw {
  readonly inputs: readonly Input[];
  readonly formula: string;
  readonly requestBytes: number;
  readonly answerBytes: (messages: number) => number;
}

function answerLaw({ trial, figures }: Measured): AnswerLaw | undefined {
  const sizes = answerSizes(figures);
  if (sizes === undefined) return undefined;
  const { payloadBytes, requestBytes, answerHeadBytes } = sizes;
  if (!asksForStates(trial.variant))
    return {
      inputs: sizesOf(sizes),
      formula: 'P + (H + h × (1 + s + k)',
      requestBytes,
      answerBytes: (messages) => answerHeadBytes + messages * payloadBytes,
    };
  // Of what is sent again nothing was counted as payload: how large states are follows from the schedule, and from what a head has.
  return {
    inputs: [size('P', payloadBytes), size('request', requestBytes), size('head', STATE_HEAD_BYTES.whole)],
    formula: '(H + n (P + 2) + h × (1 + s + k)',
    requestBytes,
    answerBytes: (messages) =>
      messages === 0 ? STATE_HEAD_BYTES.unchanged : STATE_HEAD_BYTES.whole + messages * (payloadBytes + BETWEEN_BYTES),
  };
}

/** `answers`: by how many messages are news; `states`: by how many come, where an answer is a state. */
export function predictBytes(
  measured: Measured,
  { answers, states }: Pick<RhythmicOutcome, 'answers' | 'states'>,
): Prediction[] {
  const { trial, figures } = measured;
  const law = isCompressed(trial.variant) ? undefined : answerLaw(measured);
  const messagesPerAnswer = meanOverPolls(answers, (messages) => messages);
  if (law === undefined || messagesPerAnswer === 0) return [];
  const polls = asksForStates(trial.variant) ? states : answers;
  const isCold = trial.variant.values['keepalive'] === 'cold';
  const connection = isCold ? CONNECTION_BYTES : NO_CONNECTION;
  const bytesPerPoll = (limit: 'fewest' | 'most'): number =>
    meanOverPolls(polls, (messages) => {
      const answerBytes = law.answerBytes(messages);
      const answerSegments = answerSegmentsOf(answerBytes, trial.variant.values);
      const exchange = { requestBytes: law.requestBytes, answerBytes, answerSegments };
      return pollExchangeBytes(exchange, acknowledgements(answerSegments)[limit]) + connection[limit];
    });
  const segments = meanOverPolls(polls, (messages) =>
    answerSegmentsOf(law.answerBytes(messages), trial.variant.values),
  );
  const held = meanOverPolls(states, (messages) => messages);
  return [
    compare({
      quantity: 'wire bytes per message',
      formula: `${law.formula}${isCold ? ' + C' : ''}) ÷ m, k from ⌈s/2⌉ to s`,
      inputs: [
        ...law.inputs,
        number('s', segments),
        number('m', messagesPerAnswer),
        ...(asksForStates(trial.variant) ? [number('n', held)] : []),
      ],
      unit: 'bytes',
      stage: 'wire',
      predicted: {
        low: bytesPerPoll('fewest') / messagesPerAnswer,
        high: bytesPerPoll('most') / messagesPerAnswer,
      },
      measured: figures.wireBytesPerMessage.total,
    }),
  ];
}
