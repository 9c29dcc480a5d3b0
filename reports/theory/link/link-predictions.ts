import type { Cadence } from '../../../scenarios/transport-traits.ts';
import { DIMENSIONS } from '../../../scenarios/dimensions.ts';
import { deliversLatest } from '../../../scenarios/feed/conflation.ts';
import type { MeasuredTrial } from '../../../scenarios/result/result.ts';
import { NS_PER_SECOND } from '../../../scenarios/units.ts';
import { pollIntervalNsOf } from '../../../scenarios/variant.ts';
import { realisedRate } from '../../figures/feed-rate.ts';
import { type Figure, isAvailable, per } from '../../figures/figure.ts';
import { latencyFigure } from '../../figures/figures.ts';
import { beforeLogNs } from '../before-log.ts';
import { compare, count, type Input, type Measured, number, type Prediction, time } from '../prediction.ts';
import { nodesAtOnce } from '../push-predictions.ts';
import { stageOfResidual } from '../stages.ts';

/**
 * What the delay of a link makes of staleness, of a trial that had one: mean and longest beside what was measured. None where
 * packets are lost, which no law has, or where a line is too slow for the feed.
 */
export function predictOverLink(measured: Measured, cadence: Cadence): Prediction[] {
  const { trial } = measured;
  if (trial.link === undefined || !isQuietLink(measured) || deliversLatest(trial.variant.values)) return [];
  switch (cadence) {
    case 'interval':
      return pollsOnGrid(trial) ? [longest(measured, intervalLaw(measured))] : [];
    case 'held': {
      const law = heldLaw(measured);
      return law === undefined ? [] : [mean(measured, law.mean), longest(measured, law.longest)];
    }
    case 'push':
      return [mean(measured, pushMean(measured)), longest(measured, pushLongest(measured))];
    default:
      return cadence satisfies never;
  }
}

/** Whether nothing is lost, and nothing waits for long: laws of time hold. So does a wire. */
export function isQuietLink(measured: Pick<Measured, 'trial' | 'figures'>): boolean {
  return (measured.trial.link?.asked.loss ?? 0) === 0 && lineUse(measured) <= MOST_LINE_USE;
}

/** Beyond this what waits for its turn grows, and no law of a quiet line holds. */
const MOST_LINE_USE = 0.9;

/** How much of a client's line the feed takes, down: 1 is all of it; 0 where nothing limits it. */
export function lineUse({ trial, figures }: Pick<Measured, 'trial' | 'figures'>): number {
  const rate = trial.link?.asked.bitsPerSecondDown ?? null;
  const bytes = figures.wireBytesPerMessage.down;
  if (rate === null || !isAvailable(bytes)) return 0;
  return (realisedRate(trial) * bytes * 8) / rate;
}

interface Law {
  readonly formula: string;
  readonly inputs: readonly Input[];
  readonly predictedNs: number;
  /** Holds over many turns only: those of a fixed feed keep step with it for a while. */
  readonly longRunOnly?: boolean;
}

function mean({ trial, figures }: Measured, law: Law): Prediction {
  return compare({
    ...law,
    quantity: 'mean staleness',
    unit: 'ns',
    predicted: law.predictedNs,
    stage: (residualNs) => stageOfResidual({ residualNs, leftOut: beforeLogNs(trial, 'meanNs') }, 'server'),
    measured: latencyFigure(figures.staleness, 'meanNs'),
  });
}

function longest({ figures }: Measured, law: Law): Prediction {
  return compare({
    ...law,
    quantity: 'longest staleness',
    unit: 'ns',
    predicted: law.predictedNs,
    stage: 'server',
    measured: latencyFigure(figures.staleness, 'maxNs'),
  });
}

/** How long the clients that are served before one take; the mean of all of them, or of the last one. */
function servingNs({ trial, figures }: Measured): {
  readonly meanNs: number;
  readonly lastNs: number;
  readonly inputs: Input[];
} {
  const costNs = figures.cpuNsPerDelivery.node;
  const clients = Math.ceil(trial.clients / nodesAtOnce(trial));
  const ns = isAvailable(costNs) ? costNs : 0;
  return {
    meanNs: ((clients + 1) * ns) / 2,
    lastNs: clients * ns,
    inputs: [time('c', ns), count('N', clients, ' a core')],
  };
}

/** How long a message takes to leave by a client's line, beyond the packets that d was measured with. */
function leavingNs({ trial, figures }: Measured): number {
  const rate = trial.link?.asked.bitsPerSecondDown ?? null;
  const bytes = figures.wireBytesPerMessage.down;
  if (rate === null || !isAvailable(bytes)) return 0;
  return (Math.max(0, bytes - CONNECT_BYTES) * 8 * NS_PER_SECOND) / rate;
}

/** A SYN and its answer, with their options. */
const CONNECT_BYTES = 74;

function ofLine(measured: Measured): { readonly ns: number; readonly term: string; readonly inputs: Input[] } {
  const ns = leavingNs(measured);
  return ns === 0 ? { ns, term: '', inputs: [] } : { ns, term: ' + x', inputs: [time('x', ns)] };
}

function pushMean(measured: Measured): Law {
  const serving = servingNs(measured);
  const line = ofLine(measured);
  const delayNs = measured.trial.oneWayDelayNs;
  return {
    formula: `d${line.term} + (N + 1)c/2`,
    inputs: [time('d', delayNs), ...line.inputs, ...serving.inputs],
    predictedNs: delayNs + line.ns + serving.meanNs,
  };
}

function pushLongest(measured: Measured): Law {
  const serving = servingNs(measured);
  const line = ofLine(measured);
  const delayNs = measured.trial.oneWayDelayNs;
  return {
    formula: `d${line.term} + Nc`,
    inputs: [time('d', delayNs), ...line.inputs, ...serving.inputs],
    predictedNs: delayNs + line.ns + serving.lastNs,
  };
}

/** Whether clients poll at every point of a grid, and servers answer each poll from what they have. */
function pollsOnGrid({ variant: { values } }: MeasuredTrial): boolean {
  const { ask = DIMENSIONS.ask.usual, cache = DIMENSIONS.cache.usual } = values;
  return ask === DIMENSIONS.ask.usual && cache === DIMENSIONS.cache.usual;
}

function intervalLaw({ result, trial }: Measured): Law {
  const delayNs = trial.oneWayDelayNs;
  const intervalNs = Math.max(pollIntervalNsOf(trial.variant, result.workload), 2 * delayNs);
  return {
    formula: 'T + d',
    inputs: [time('T', intervalNs), time('d', delayNs)],
    predictedNs: intervalNs + delayNs,
  };
}

/**
 * A client asks again when an answer has come, so for R = 2d + s after each answer nobody is there to be told: what comes in that
 * time waits for its end, and of the rest each is told at once. s, what server and client take for it, follows from how many
 * messages an answer had.
 */
function heldLaw(measured: Measured): { readonly mean: Law; readonly longest: Law } | undefined {
  const { result, trial, figures } = measured;
  const { kind } = result.workload.feed;
  if (kind !== 'poisson' && kind !== 'fixed') return undefined;
  const delayNs = trial.oneWayDelayNs;
  const perAnswer: Figure = per(figures.deliveries, figures.answers, 'no answers');
  const perNs = realisedRate(trial) / NS_PER_SECOND;
  const seen = isAvailable(perAnswer) ? perAnswer : 1;
  const turnNs = Math.max(2 * delayNs, turnaroundNs(kind, seen, perNs));
  const { waitNs, toldAtOnce } = held(kind, perNs * turnNs, turnNs);
  const serving = servingNs(measured);
  const line = ofLine(measured);
  const inputs = [time('d', delayNs), ...line.inputs, time('s', turnNs - 2 * delayNs)];
  const isMissed = kind === 'poisson' || perNs * turnNs >= 1;
  return {
    mean: {
      formula: `d${line.term} + λR²/(2M) + q(N + 1)c/2, R = 2d + s`,
      inputs: [...inputs, number('λR', perNs * turnNs), number('q', toldAtOnce), ...serving.inputs],
      predictedNs: delayNs + line.ns + waitNs + toldAtOnce * serving.meanNs,
      longRunOnly: kind === 'fixed' && isMissed,
    },
    longest: {
      formula: isMissed ? `3d${line.term} + s` : `d${line.term} + Nc`,
      inputs: isMissed ? inputs : [...inputs, ...serving.inputs],
      predictedNs: delayNs + line.ns + (isMissed ? turnNs : serving.lastNs),
    },
  };
}

interface Held {
  /** How long a message waits for the next request, in the mean over all of them. */
  readonly waitNs: number;
  /** The share of those for whom a request was there. */
  readonly toldAtOnce: number;
}

/**
 * Of a Poisson feed, an answer has M = λR + e^(−λR) messages, all but one of which at most have waited λR²/2 together (renewal
 * theory). Of a fixed one, either the next message comes when everybody has asked again, or each answer has what came in R.
 */
export function held(kind: 'poisson' | 'fixed', perTurn: number, turnNs: number): Held {
  if (kind === 'fixed') return perTurn < 1 ? { waitNs: 0, toldAtOnce: 1 } : { waitNs: turnNs / 2, toldAtOnce: 0 };
  const perAnswer = perTurn + Math.exp(-perTurn);
  return { waitNs: (perTurn * turnNs) / (2 * perAnswer), toldAtOnce: Math.exp(-perTurn) / perAnswer };
}

const HALVINGS = 60;

/** R, by how many messages an answer had; 0 where that does not tell, because each had one. */
export function turnaroundNs(kind: 'poisson' | 'fixed', perAnswer: number, perNs: number): number {
  if (perAnswer <= 1 || perNs === 0) return 0;
  if (kind === 'fixed') return perAnswer / perNs;
  let [low, high] = [0, perAnswer];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (middle + Math.exp(-middle) < perAnswer) low = middle;
    else high = middle;
  }
  return low / perNs;
}
