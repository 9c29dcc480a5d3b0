import { type MeasuredTrial, type Result, windowNs } from '../../scenarios/result/result.ts';
import { SHARED_FOR_NS } from '../../scenarios/asking/origin-reads.ts';
import { DIMENSIONS } from '../../scenarios/dimensions.ts';
import { isCompressed, nodesOf, pollIntervalNsOf } from '../../scenarios/variant.ts';
import { deliversLatest } from '../../scenarios/feed/conflation.ts';
import { isPayloadKind, payloadKey } from '../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { realisedRate } from '../figures/feed-rate.ts';
import { per } from '../figures/figure.ts';
import { latencyFigure } from '../figures/figures.ts';
import { answerSizes, sizesOf } from './answer-sizes.ts';
import { beforeLogNs } from './before-log.ts';
import {
  meanAgeNs,
  meanOverPolls,
  messagesThere,
  newestPresence,
  type Presence,
  type Span,
  wholePresence,
} from './poll-schedule.ts';
import { compare, type Input, type Measured, number, type Prediction, type Statement, time } from './prediction.ts';
import { stageOfResidual } from './stages.ts';
import { playRhythm, type RhythmicPolls } from './rhythm-schedule.ts';
import { acknowledgements, CONNECTION_BYTES, NO_CONNECTION, pollExchangeBytes, segmentsOf } from './wire-model.ts';

export function predictInterval(measured: Measured): Prediction[] {
  const { ask = DIMENSIONS.ask.usual } = measured.trial.variant.values;
  const intervalNs = Math.max(
    pollIntervalNsOf(measured.trial.variant, measured.result.workload),
    2 * measured.trial.oneWayDelayNs,
  );
  // What is shared is asked for by whoever comes when it is too old: when that is hangs on all rhythms together.
  if (measured.trial.variant.values['cache'] === 'shared')
    return ask === DIMENSIONS.ask.usual ? predictShared(measured, intervalNs) : [];
  if (ask === DIMENSIONS.ask.usual) return predictGrid(measured, intervalNs);
  return ask === 'adaptive' || ask === 'hidden' ? predictRhythm(measured, { ask, intervalNs }) : [];
}

/** Polls at every point of a grid. */
function predictGrid(measured: Measured, intervalNs: number): Prediction[] {
  const { result, trial, figures } = measured;
  const given = [time('T', intervalNs), time('d', trial.oneWayDelayNs)];
  const emptyInTheLongRun = longRunEmptyShare(result, realisedRate(trial), intervalNs);
  const { dueNs, presence } = presenceOf(measured, intervalNs);
  const pollsOf = (of: Presence): ReadonlyMap<number, number> => messagesThere(of, spanOf(trial, trial.oneWayDelayNs));
  return [
    ...(presence === undefined ? [] : [predictPollStaleness(measured, { presence, intervalNs, given })]),
    compare({
      quantity: 'empty polls, for this schedule',
      formula: 'Σ max(0, gap − T) ÷ window',
      inputs: given,
      unit: 'share',
      stage: 'interval',
      predicted: pollsOf(wholePresence(dueNs, intervalNs)).get(0) ?? 0,
      measured: figures.emptyShare,
    }),
    compare({
      ...emptyInTheLongRun,
      quantity: 'empty polls, in the long run',
      unit: 'share',
      stage: 'interval',
      measured: figures.emptyShare,
      longRunOnly: true,
    }),
    ...(presence === undefined || isCompressed(measured.trial.variant)
      ? []
      : predictPollBytes(measured, pollsOf(presence))),
  ];
}

/**
 * Polls at every point of a grid, answered from what was read at one of them: the first poll of a node after it was too old. How much
 * an answer holds hangs on which read it is of, for which there is no law.
 */
function predictShared({ trial, figures }: Measured, intervalNs: number): Prediction[] {
  const { oneWayDelayNs, clients } = trial;
  const nodes = nodesOf(trial.variant);
  const apartNs = (intervalNs * nodes) / clients;
  const pollsPerRead = Math.max(1, Math.ceil(SHARED_FOR_NS / apartNs));
  const readNs = pollsPerRead * apartNs;
  const inputs = [time('T', intervalNs), time('R', readNs), time('d', oneWayDelayNs)];
  const pollsPerNodeSecond = per(figures.answers, (nodes * windowNs(trial)) / NS_PER_SECOND, 'the window is empty');
  return [
    compare({
      quantity: 'mean staleness',
      formula: 'T/2 + R/2 + d',
      inputs,
      unit: 'ns',
      predicted: intervalNs / 2 + readNs / 2 + oneWayDelayNs,
      stage: (residualNs) => stageOfResidual({ residualNs, leftOut: beforeLogNs(trial, 'meanNs') }, 'interval'),
      measured: latencyFigure(figures.staleness, 'meanNs'),
    }),
    compare({
      quantity: 'origin reads, of one a poll',
      formula: 'T ÷ (R × clients of a node)',
      inputs,
      unit: 'share',
      stage: 'server',
      predicted: 1 / pollsPerRead,
      measured: per(figures.originReadsPerNodeSecond, pollsPerNodeSecond, 'no answers'),
    }),
  ];
}

/** Polls at some of its points, by what the answers before had, or by when somebody looks. */
function predictRhythm(
  measured: Measured,
  { ask, intervalNs }: { readonly ask: RhythmicPolls['ask']; readonly intervalNs: number },
): Prediction[] {
  const { trial, figures } = measured;
  const { dueNs, keys } = scheduleOf(measured);
  if (keys === 'unknown') return [];
  const { oneWayDelayNs } = trial;
  const outcome = playRhythm({ dueNs, keys, intervalNs, ask }, spanOf(trial), spanOf(trial, oneWayDelayNs));
  const inputs = [time('T', intervalNs), time('d', oneWayDelayNs)];
  const intervals = (trial.clients * windowNs(trial)) / intervalNs;
  return [
    compare({
      quantity: 'mean staleness',
      formula: 'the schedule played to clients + d',
      inputs,
      unit: 'ns',
      predicted: outcome.ageNs + oneWayDelayNs,
      stage: (residualNs) => stageOfResidual({ residualNs, leftOut: beforeLogNs(trial, 'meanNs') }, 'interval'),
      measured: latencyFigure(figures.staleness, 'meanNs'),
    }),
    compare({
      quantity: 'polls, of one at each interval',
      formula: 'the schedule played to clients',
      inputs,
      unit: 'share',
      stage: 'interval',
      predicted: outcome.pollsPerInterval,
      measured: per(figures.answers, intervals, 'the window is empty'),
    }),
    compare({
      quantity: 'empty polls, for this schedule',
      formula: 'the schedule played to clients',
      inputs,
      unit: 'share',
      stage: 'interval',
      predicted: outcome.answers.get(0) ?? 0,
      measured: figures.emptyShare,
    }),
    ...(isCompressed(trial.variant) ? [] : predictPollBytes(measured, outcome.answers)),
  ];
}

/** Polls find every message for an interval; or, where they get the newest of each key, until the next of its key. */
function predictPollStaleness(
  { trial, figures }: Measured,
  { presence, intervalNs, given }: { presence: Presence; intervalNs: number; given: readonly Input[] },
): Prediction {
  const law = deliversLatest(trial.variant.values)
    ? { formula: 'Σ L² ÷ 2 Σ L + d, L at most T', ageNs: meanAgeNs(presence, spanOf(trial)) }
    : { formula: 'T/2 + d', ageNs: intervalNs / 2 };
  return compare({
    quantity: 'mean staleness',
    formula: law.formula,
    inputs: given,
    unit: 'ns',
    predicted: law.ageNs + trial.oneWayDelayNs,
    stage: (residualNs) => stageOfResidual({ residualNs, leftOut: beforeLogNs(trial, 'meanNs') }, 'interval'),
    measured: latencyFigure(figures.staleness, 'meanNs'),
  });
}

/** When each message was due, and how long polls find it; undefined where that hangs on keys that are not known. */
function presenceOf(
  measured: Measured,
  intervalNs: number,
): { dueNs: readonly number[]; presence: Presence | undefined } {
  const { dueNs, keys } = scheduleOf(measured);
  if (keys === undefined) return { dueNs, presence: wholePresence(dueNs, intervalNs) };
  return { dueNs, presence: keys === 'unknown' ? undefined : newestPresence(dueNs, keys, intervalNs) };
}

/** When each message was due, and what each is about where an answer has the newest of each key. */
function scheduleOf({ result, trial }: Measured): {
  dueNs: readonly number[];
  keys: readonly string[] | 'unknown' | undefined;
} {
  const { feed, payload } = result.workload;
  const { kind } = payload;
  const dueNs = dueOffsetsNs(feed, trial.window.bins * trial.window.binNs, result.seed);
  if (!deliversLatest(trial.variant.values)) return { dueNs, keys: undefined };
  if (!isPayloadKind(kind)) return { dueNs, keys: 'unknown' };
  return { dueNs, keys: dueNs.map((_, index) => payloadKey(kind, result.seed, index)) };
}

/** The window; for what servers see, d before clients do. */
function spanOf({ window: { binNs, firstBin, endBin } }: MeasuredTrial, beforeNs = 0): Span {
  return { startNs: firstBin * binNs - beforeNs, endNs: endBin * binNs - beforeNs };
}

function longRunEmptyShare(
  { workload }: Result,
  messagesPerSecond: number,
  intervalNs: number,
): Pick<Statement, 'formula' | 'inputs' | 'predicted'> {
  const messagesPerInterval = (messagesPerSecond * intervalNs) / NS_PER_SECOND;
  const inputs = [number('λT', messagesPerInterval)];
  return workload.feed.kind === 'poisson'
    ? { formula: 'e^(−λT)', inputs, predicted: Math.exp(-messagesPerInterval) }
    : { formula: '1 − T/Δ, at least 0', inputs, predicted: Math.max(0, 1 - messagesPerInterval) };
}

function predictPollBytes({ trial, figures }: Measured, polls: ReadonlyMap<number, number>): Prediction[] {
  const isCold = trial.variant.values['keepalive'] === 'cold';
  const connection = isCold ? CONNECTION_BYTES : NO_CONNECTION;
  const sizes = answerSizes(figures);
  const messagesPerAnswer = meanOverPolls(polls, (messages) => messages);
  if (sizes === undefined || messagesPerAnswer === 0) return [];
  const { payloadBytes, requestBytes, answerHeadBytes } = sizes;
  const answerBytes = (messages: number): number => answerHeadBytes + messages * payloadBytes;
  const bytesPerPoll = (limit: 'fewest' | 'most'): number =>
    meanOverPolls(polls, (messages) => {
      const exchange = { requestBytes, answerBytes: answerBytes(messages) };
      return pollExchangeBytes(exchange, acknowledgements(segmentsOf(exchange.answerBytes))[limit]) + connection[limit];
    });
  const segments = meanOverPolls(polls, (messages) => segmentsOf(answerBytes(messages)));
  return [
    compare({
      quantity: 'wire bytes per message',
      formula: `P + (H + h × (1 + s + k)${isCold ? ' + C' : ''}) ÷ m, k from ⌈s/2⌉ to s`,
      inputs: [...sizesOf(sizes), number('s', segments), number('m', messagesPerAnswer)],
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
