import { type MeasuredTrial, type Result, windowNs } from '../../../scenarios/result/result.ts';
import { SHARED_FOR_NS } from '../../../scenarios/asking/origin-reads.ts';
import { longestWait } from '../../../scenarios/asking/rhythm.ts';
import { DIMENSIONS, type ValueOf } from '../../../scenarios/dimensions.ts';
import { asksForStates, nodesOf, pollIntervalNsOf } from '../../../scenarios/variant.ts';
import { deliversLatest } from '../../../scenarios/feed/conflation.ts';
import { isPayloadKind, payloadKey } from '../../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../../scenarios/feed/schedule.ts';
import { NS_PER_SECOND } from '../../../scenarios/units.ts';
import { realisedRate } from '../../figures/feed-rate.ts';
import { per } from '../../figures/figure.ts';
import { latencyFigure } from '../../figures/figures.ts';
import { beforeLogNs } from '../before-log.ts';
import { meanAgeNs, messagesThere, newestPresence, type Presence, type Span, wholePresence } from './poll-schedule.ts';
import { compare, type Input, type Measured, number, type Prediction, type Statement, time } from '../prediction.ts';
import { stageOfResidual } from '../stages.ts';
import { playRhythm, type RhythmicOutcome } from './rhythm-schedule.ts';
import { predictBytes } from './poll-bytes.ts';

export function predictInterval(measured: Measured): Prediction[] {
  const { variant, clients, oneWayDelayNs } = measured.trial;
  const { ask = DIMENSIONS.ask.usual } = variant.values;
  const intervalNs = Math.max(pollIntervalNsOf(variant, measured.result.workload), 2 * oneWayDelayNs);
  if (!isAsk(ask)) return [];
  const isShared = variant.values['cache'] === 'shared';
  const asksAlways = longestWait(ask) === 1;
  if (asksAlways && !isShared) return predictGrid(measured, intervalNs);
  const played: Played = { ask, intervalNs, ...(isShared && { sharedBy: clients / nodesOf(variant) }) };
  return asksAlways && !deliversLatest(variant.values)
    ? predictShared(measured, played)
    : predictPlayed(measured, played);
}

function isAsk(ask: string | number): ask is ValueOf<'ask'> {
  return Object.hasOwn(DIMENSIONS.ask.values.of, ask);
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
    ...(presence === undefined ? [] : predictBytes(measured, gridAnswers(measured, { pollsOf, presence, intervalNs }))),
  ];
}

/** What polls at every point are answered; of states, which come whole, the schedule is played. */
function gridAnswers(
  measured: Measured,
  {
    pollsOf,
    presence,
    intervalNs,
  }: { pollsOf: (of: Presence) => ReadonlyMap<number, number>; presence: Presence; intervalNs: number },
): Pick<RhythmicOutcome, 'answers' | 'states'> {
  const answers = pollsOf(presence);
  const outcome = asksForStates(measured.trial.variant) ? play(measured, { ask: 'etag', intervalNs }) : undefined;
  return outcome ?? { answers, states: answers };
}

/** How clients polled, where it has to be played. */
interface Played {
  readonly ask: ValueOf<'ask'>;
  readonly intervalNs: number;
  /** How many clients of a node share what it reads. */
  readonly sharedBy?: number;
}

/** Undefined where what comes of it hangs on keys that are not known. */
function play(measured: Measured, played: Played): RhythmicOutcome | undefined {
  const { dueNs, keys } = scheduleOf(measured);
  if (keys === 'unknown') return undefined;
  const { trial } = measured;
  return playRhythm({ ...played, dueNs, keys }, spanOf(trial), spanOf(trial, trial.oneWayDelayNs));
}

/** Polls at every point of a grid, answered from what was read at one of them: the first poll of a node after it was too old. */
function predictShared(measured: Measured, played: Played): Prediction[] {
  const { trial } = measured;
  const { intervalNs, sharedBy = 1 } = played;
  const apartNs = intervalNs / sharedBy;
  const pollsPerRead = Math.max(1, Math.ceil(SHARED_FOR_NS / apartNs));
  const readNs = pollsPerRead * apartNs;
  const inputs = [time('T', intervalNs), time('R', readNs), time('d', trial.oneWayDelayNs)];
  const outcome = play(measured, played);
  return [
    predictMeanStaleness(measured, { formula: 'T/2 + R/2 + d', inputs, ageNs: intervalNs / 2 + readNs / 2 }),
    predictReads(measured, { formula: 'T ÷ (R × clients of a node)', inputs, readsPerPoll: 1 / pollsPerRead }),
    ...(outcome === undefined ? [] : [predictEmpty(measured, outcome, inputs), ...predictBytes(measured, outcome)]),
  ];
}

const PLAYED = 'the schedule played to clients';

/** Polls at some points of a grid, by what the answers before had, or by when somebody looks; or from what many share. */
function predictPlayed(measured: Measured, played: Played): Prediction[] {
  const { trial, figures } = measured;
  const outcome = play(measured, played);
  if (outcome === undefined) return [];
  const { intervalNs } = played;
  const inputs = [time('T', intervalNs), time('d', trial.oneWayDelayNs)];
  const intervals = (trial.clients * windowNs(trial)) / intervalNs;
  return [
    predictMeanStaleness(measured, { formula: `${PLAYED} + d`, inputs, ageNs: outcome.ageNs }),
    compare({
      quantity: 'polls, of one at each interval',
      formula: PLAYED,
      inputs,
      unit: 'share',
      stage: 'interval',
      predicted: outcome.pollsPerInterval,
      measured: per(figures.answers, intervals, 'the window is empty'),
    }),
    predictEmpty(measured, outcome, inputs),
    ...(played.sharedBy === undefined
      ? []
      : [predictReads(measured, { formula: PLAYED, inputs, readsPerPoll: outcome.readsPerPoll })]),
    ...predictBytes(measured, outcome),
  ];
}

function predictEmpty({ figures }: Measured, { answers }: RhythmicOutcome, inputs: readonly Input[]): Prediction {
  return compare({
    quantity: 'empty polls, for this schedule',
    formula: PLAYED,
    inputs,
    unit: 'share',
    stage: 'interval',
    predicted: answers.get(0) ?? 0,
    measured: figures.emptyShare,
  });
}

interface Law {
  readonly formula: string;
  readonly inputs: readonly Input[];
}

function predictReads(
  { trial, figures }: Measured,
  { readsPerPoll, ...law }: Law & { readsPerPoll: number },
): Prediction {
  const nodeSeconds = (nodesOf(trial.variant) * windowNs(trial)) / NS_PER_SECOND;
  const pollsPerNodeSecond = per(figures.answers, nodeSeconds, 'the window is empty');
  return compare({
    ...law,
    quantity: 'origin reads, of one a poll',
    unit: 'share',
    stage: 'server',
    predicted: readsPerPoll,
    measured: per(figures.originReadsPerNodeSecond, pollsPerNodeSecond, 'no answers'),
  });
}

/** `ageNs`: of a message when a server answers with it. */
function predictMeanStaleness({ trial, figures }: Measured, { ageNs, ...law }: Law & { ageNs: number }): Prediction {
  return compare({
    ...law,
    quantity: 'mean staleness',
    unit: 'ns',
    predicted: ageNs + trial.oneWayDelayNs,
    stage: (residualNs) => stageOfResidual({ residualNs, leftOut: beforeLogNs(trial, 'meanNs') }, 'interval'),
    measured: latencyFigure(figures.staleness, 'meanNs'),
  });
}

/** Polls find every message for an interval; or, where they get the newest of each key, until the next of its key. */
function predictPollStaleness(
  measured: Measured,
  { presence, intervalNs, given }: { presence: Presence; intervalNs: number; given: readonly Input[] },
): Prediction {
  const law = deliversLatest(measured.trial.variant.values)
    ? { formula: 'Σ L² ÷ 2 Σ L + d, L at most T', ageNs: meanAgeNs(presence, spanOf(measured.trial)) }
    : { formula: 'T/2 + d', ageNs: intervalNs / 2 };
  return predictMeanStaleness(measured, { ...law, inputs: given });
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
