import type { MeasuredTrial, Result } from '../../scenarios/result/result.ts';
import { carriageOf, framingBytes } from '../../scenarios/carriage.ts';
import type { Framing } from '../../scenarios/transport-traits.ts';
import { isCompressed, nodesOf, pollIntervalNsOf } from '../../scenarios/variant.ts';
import { deliversLatest, LATEST_WINDOW_NS } from '../../scenarios/feed/conflation.ts';
import { isPayloadKind, payloadKey } from '../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { formatBytes, formatDuration, NS_PER_SECOND, significant } from '../../scenarios/units.ts';
import { realisedRate } from '../figures/feed-rate.ts';
import { derive, type Figure, isAvailable, per } from '../figures/figure.ts';
import { type Figures, latencyFigure, latencyOf } from '../figures/figures.ts';
import {
  meanAgeNs,
  meanOverPolls,
  messagesThere,
  newestPresence,
  type Presence,
  type Span,
  wholePresence,
} from './poll-schedule.ts';
import { medianReadingDelayNs } from './reading-delay.ts';
import { whyNoTheory } from './scope.ts';
import { type StageId, stageOfPush, stageOfResidual } from './stages.ts';
import {
  acknowledgements,
  fewestAcksPerPush,
  heldExchangeBytes,
  pollExchangeBytes,
  pushBytes,
  segmentsOf,
} from './wire-model.ts';

type PredictedUnit = 'ns' | 'bytes' | 'share';

/** What the theory says beside what was measured; nothing in it is fitted. */
export interface Prediction {
  readonly quantity: string;
  readonly formula: string;
  readonly inputs: readonly Input[];
  /** The same in words. */
  readonly basis: string;
  readonly unit: PredictedUnit;
  /** Equal ends where the theory gives one value. */
  readonly predicted: { readonly low: number; readonly high: number };
  readonly measured: Figure;
  /** (measured − nearest end) ÷ nearest end; 0 inside the range. */
  readonly residual: Figure;
  readonly unexplained: boolean;
  /** In which stage the residual lies for the most part. */
  readonly stage: StageId;
  /** True for what holds over a long time only: its residual shows the accident of this schedule, not an error. */
  readonly longRunOnly: boolean;
}

/** A value that went into a formula. */
interface Input {
  readonly symbol: string;
  readonly value: number;
  /** `up-to-one`: from the value to 1. */
  readonly kind: 'time' | 'size' | 'number' | 'count' | 'up-to-one';
  /** What is counted. */
  readonly of?: string;
}

/** A residual beyond this, either way, is not explained. */
export const EXPLAINED = 0.15;
/** A share is compared as if it were at least this, or 0.1 % instead of 0.2 % would be half off. */
const SMALLEST_SHARE = 0.01;

interface Measured {
  readonly result: Result;
  readonly trial: MeasuredTrial;
  readonly figures: Figures;
}

/** Empty where the result does not say how the transport's clients get messages, and where no law holds. */
export function predict(measured: Measured): Prediction[] {
  if (whyNoTheory(measured.result) !== undefined) return [];
  const traits = measured.result.transports[measured.trial.variant.transport];
  // No law has what was made to happen to the servers.
  if (traits === undefined || measured.trial.disruption !== null) return [];
  const carriage = carriageOf(traits, measured.trial.variant.values);
  switch (carriage.cadence) {
    case 'interval':
      return predictInterval(measured);
    case 'held':
      return isCompressed(measured.trial.variant) ? [] : predictHeld(measured);
    case 'push':
      return [
        // Windows come as they come: how long a message waits for the end of one follows from no law.
        ...(deliversLatest(measured.trial.variant.values) ? [] : predictPushStaleness(measured)),
        ...(isCompressed(measured.trial.variant) ? [] : predictPushBytes(measured, carriage)),
      ];
    default:
      return carriage satisfies never;
  }
}

interface Statement {
  readonly quantity: string;
  readonly formula: string;
  readonly inputs: readonly Input[];
  readonly unit: PredictedUnit;
  readonly predicted: number | { readonly low: number; readonly high: number };
  readonly measured: Figure;
  /** Where a residual lies; or what tells that from its size, measured minus predicted. */
  readonly stage: StageId | ((residual: number) => StageId);
  readonly longRunOnly?: boolean;
}

export function compare({ longRunOnly = false, ...statement }: Statement): Prediction {
  const { predicted, inputs, stage } = statement;
  const range = typeof predicted === 'number' ? { low: predicted, high: predicted } : predicted;
  const nearestTo = (value: number): number => Math.min(Math.max(value, range.low), range.high);
  const off = derive([statement.measured], (value) => value - nearestTo(value));
  const residual = derive([statement.measured], (value) => {
    const nearest = nearestTo(value);
    const scale = Math.max(Math.abs(nearest), statement.unit === 'share' ? SMALLEST_SHARE : Number.MIN_VALUE);
    return (value - nearest) / scale;
  });
  const unexplained = !longRunOnly && isAvailable(residual) && Math.abs(residual) > EXPLAINED;
  return {
    ...statement,
    basis: inputs.map((input) => `${input.symbol} ${inputText(input)}`).join(', '),
    predicted: range,
    residual,
    unexplained,
    stage: typeof stage === 'function' ? stage(isAvailable(off) ? off : 0) : stage,
    longRunOnly,
  };
}

function predictInterval(measured: Measured): Prediction[] {
  const { result, trial, figures } = measured;
  const intervalNs = Math.max(pollIntervalNsOf(trial.variant, result.workload), 2 * trial.oneWayDelayNs);
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
  { result, trial }: Measured,
  intervalNs: number,
): { dueNs: readonly number[]; presence: Presence | undefined } {
  const { feed, payload } = result.workload;
  const { kind } = payload;
  const dueNs = dueOffsetsNs(feed, trial.window.bins * trial.window.binNs, result.seed);
  if (!deliversLatest(trial.variant.values)) return { dueNs, presence: wholePresence(dueNs, intervalNs) };
  if (!isPayloadKind(kind)) return { dueNs, presence: undefined };
  const keys = dueNs.map((_, index) => payloadKey(kind, result.seed, index));
  return { dueNs, presence: newestPresence(dueNs, keys, intervalNs) };
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

function predictPollBytes({ figures }: Measured, polls: ReadonlyMap<number, number>): Prediction[] {
  const sizes = answerSizes(figures);
  const messagesPerAnswer = meanOverPolls(polls, (messages) => messages);
  if (sizes === undefined || messagesPerAnswer === 0) return [];
  const { payloadBytes, requestBytes, answerHeadBytes } = sizes;
  const answerBytes = (messages: number): number => answerHeadBytes + messages * payloadBytes;
  const bytesPerPoll = (limit: 'fewest' | 'most'): number =>
    meanOverPolls(polls, (messages) => {
      const exchange = { requestBytes, answerBytes: answerBytes(messages) };
      return pollExchangeBytes(exchange, acknowledgements(segmentsOf(exchange.answerBytes))[limit]);
    });
  const segments = meanOverPolls(polls, (messages) => segmentsOf(answerBytes(messages)));
  return [
    compare({
      quantity: 'wire bytes per message',
      formula: 'P + (H + h × (1 + s + k)) ÷ m, k from ⌈s/2⌉ to s',
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

function predictHeld({ result, trial, figures }: Measured): Prediction[] {
  const sizes = answerSizes(figures);
  if (sizes === undefined) return [];
  const { payloadBytes, requestBytes, answerHeadBytes } = sizes;
  const messagesPerAnswer = heldTogether({ result, trial, figures });
  if (messagesPerAnswer === undefined) return [];
  const exchange = { requestBytes, answerBytes: answerHeadBytes + messagesPerAnswer * payloadBytes };
  const acks = acknowledgements(segmentsOf(exchange.answerBytes));
  return [
    compare({
      quantity: 'wire bytes per message',
      formula: 'P + (H + h × (s + k + a)) ÷ M, k from ⌈s/2⌉ to s, a from 0 to 1',
      inputs: [...sizesOf(sizes), count('s', segmentsOf(exchange.answerBytes)), number('M', messagesPerAnswer)],
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
  if (deliversLatest(trial.variant.values) || trial.variant.values['frames'] === 'binary') {
    const realised = per(figures.deliveries, figures.answers, 'no answers');
    return isAvailable(realised) && realised > 0 ? realised : undefined;
  }
  const perTurnaround = (realisedRate(trial) * 2 * trial.oneWayDelayNs) / NS_PER_SECOND;
  return result.workload.feed.kind === 'poisson'
    ? perTurnaround + Math.exp(-perTurnaround)
    : Math.max(1, perTurnaround);
}

/**
 * A node writes to one client after the other, so the median client waits for half of them. By the law alone, N counts
 * the clients that one core serves; with what was measured on the way there (lateness, and the backplane's hop, in which
 * nodes that share a core have waited for each other already), N counts those of one node.
 */
function predictPushStaleness({ trial, figures }: Measured): Prediction[] {
  const deliveryNs = figures.cpuNsPerDelivery.node;
  if (!isAvailable(deliveryNs)) return [];
  const statement = { unit: 'ns', measured: latencyFigure(figures.staleness, 'p50Ns') } as const;
  const delayNs = trial.oneWayDelayNs;
  const leftOut = beforeLogNs(trial, 'p50Ns');
  const perCore = Math.ceil(trial.clients / nodesAtOnce(trial));
  const perNode = Math.ceil(trial.clients / nodesOf(trial.variant));
  const given = [time('d', delayNs), time('c', deliveryNs)];
  const readingNs = medianReadingNs(trial, figures);
  return [
    compare({
      ...statement,
      quantity: 'median staleness',
      formula: 'd + (N + 1)c/2',
      inputs: [...given, count('N', perCore, ' a core')],
      predicted: delayNs + ((perCore + 1) * deliveryNs) / 2,
      stage: (residualNs) => stageOfPush({ residualNs, leftOut }, readingNs),
    }),
    // Where the hop is not seen, the sum of the stages is not known.
    ...(trial.sources.backplane?.kind === 'n/a'
      ? []
      : [
          compare({
            ...statement,
            quantity: 'median staleness, by stages',
            formula: 'l + b + d + (N + 1)c/2',
            inputs: [
              time('l', leftOut.publisherNs),
              time('b', leftOut.backplaneNs),
              ...given,
              count('N', perNode, ' a node'),
            ],
            predicted: leftOut.publisherNs + leftOut.backplaneNs + delayNs + ((perNode + 1) * deliveryNs) / 2,
            stage: (residualNs) => stageOfPush({ residualNs, leftOut: NOTHING }, readingNs),
          }),
        ]),
  ];
}

const NOTHING = { publisherNs: 0, backplaneNs: 0 };

/** How late messages were published, and how long they were on their way to a node's log, as far as that was seen. */
function beforeLogNs(trial: MeasuredTrial, field: 'p50Ns' | 'meanNs'): typeof NOTHING {
  const known = (id: 'lateness' | 'backplane'): number => {
    const figure = latencyFigure(latencyOf(trial, id), field);
    return isAvailable(figure) ? figure : 0;
  };
  return { publisherNs: known('lateness'), backplaneNs: known('backplane') };
}

/** How long the median message waits for the generator, at the least; 0 where its cost is not known. */
function medianReadingNs(trial: MeasuredTrial, { cpuNsPerDelivery: { worker, node } }: Figures): number {
  if (!isAvailable(worker) || !isAvailable(node)) return 0;
  const workers = Math.max(1, trial.processes.filter(({ role }) => role === 'worker').length);
  return medianReadingDelayNs({
    messages: Math.ceil(trial.clients / workers),
    arrivalNs: (node * workers) / nodesAtOnce(trial),
    readNs: worker,
  });
}

/** How many nodes can run at the same time; where nothing is pinned it is taken to be all of them. */
export function nodesAtOnce({ processes, variant }: MeasuredTrial): number {
  const cores = new Set(processes.filter(({ role }) => role === 'node').flatMap((node) => node.cores));
  return cores.size === 0 ? nodesOf(variant) : Math.min(nodesOf(variant), cores.size);
}

function predictPushBytes(
  { result, trial, figures }: Measured,
  { framing, writes = 1 }: { readonly framing: Framing; readonly writes?: number | undefined },
): Prediction[] {
  const payloadBytes = figures.payloadBytesPerMessage;
  if (!isAvailable(payloadBytes)) return [];
  const headerBytes = framingBytes(framing, payloadBytes);
  const frameBytes = payloadBytes + headerBytes;
  const segments = segmentsOf(frameBytes);
  const given = [size('P', payloadBytes), count('f', headerBytes, ' B')];
  const fewestAcks = fewestAcksPerPush(result.workload.feed.kind, realisedRate(trial));
  const together = pushedTogether(trial, figures);
  /** What the segments of the other writes add; each may have an ACK of its own. */
  const apartBytes = (writes - 1) * pushBytes(0, 1);
  const law =
    together > 1
      ? {
          formula: 'P + f + h × (s + k) ÷ m, s and k at most m',
          inputs: [...given, number('m', together)],
          low: fewestPushBytes(together * frameBytes) / together,
        }
      : {
          formula: segments === 1 ? 'P + f + h × (1 + k)' : 'P + f + h × (s + k), k at most s',
          inputs: [
            ...given,
            count('s', segments + writes - 1),
            { symbol: 'k', value: fewestAcks, kind: 'up-to-one' as const },
          ],
          low: pushBytes(frameBytes, fewestAcks * acknowledgements(segments).fewest),
        };
  return [
    compare({
      quantity: 'wire bytes per message',
      formula: law.formula,
      inputs: law.inputs,
      unit: 'bytes',
      stage: 'wire',
      predicted: {
        low: law.low + apartBytes,
        high: pushBytes(frameBytes, acknowledgements(segments).most) + 2 * apartBytes,
      },
      measured: figures.wireBytesPerMessage.total,
    }),
  ];
}

/**
 * What goes out at the end of a window goes out together: a door may put it into segments of its own, or into shared ones. As
 * many as came to a client in that time.
 */
function pushedTogether(trial: MeasuredTrial, { deliveriesPerSecond }: Figures): number {
  if (!deliversLatest(trial.variant.values) || !isAvailable(deliveriesPerSecond)) return 1;
  return Math.max(1, ((deliveriesPerSecond / trial.clients) * LATEST_WINDOW_NS) / NS_PER_SECOND);
}

function fewestPushBytes(bytes: number): number {
  return pushBytes(bytes, acknowledgements(segmentsOf(bytes)).fewest);
}

interface AnswerSizes {
  readonly payloadBytes: number;
  readonly requestBytes: number;
  /** Headers, and the brackets and commas of the JSON array: two bytes a message, which are negligible. */
  readonly answerHeadBytes: number;
}

/** Sizes as measured: they are given to the theory, which says what becomes of them on the wire. */
function answerSizes(figures: Figures): AnswerSizes | undefined {
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

function sizesOf({ payloadBytes, requestBytes, answerHeadBytes }: AnswerSizes): Input[] {
  return [size('P', payloadBytes), size('H', requestBytes + answerHeadBytes)];
}

function time(symbol: string, value: number): Input {
  return { symbol, value, kind: 'time' };
}

function size(symbol: string, value: number): Input {
  return { symbol, value, kind: 'size' };
}

function number(symbol: string, value: number): Input {
  return { symbol, value, kind: 'number' };
}

function count(symbol: string, value: number, of = ''): Input {
  return { symbol, value, kind: 'count', of };
}

function inputText({ kind, value, of = '' }: Input): string {
  switch (kind) {
    case 'time':
      return formatDuration(value);
    case 'size':
      return formatBytes(value);
    case 'number':
      return significant(value);
    case 'count':
      return `${Math.round(value).toLocaleString('en-US')}${of}`;
    case 'up-to-one':
      return value === 1 ? '1' : `${significant(value)} to 1`;
    default:
      return kind satisfies never;
  }
}
