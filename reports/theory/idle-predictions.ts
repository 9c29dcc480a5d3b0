import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { recordBytes } from '../../scenarios/tls/records.ts';
import { isOverTls } from '../../scenarios/variant.ts';
import { isAvailable, per } from '../figures/figure.ts';
import { counterTotal } from '../figures/figures.ts';
import { idleCosts } from '../figures/idle.ts';
import { compare, count, type Input, type Measured, type Prediction, size, time } from './prediction.ts';
import { lonePackets, pushBytes, segmentsOf } from './wire-model.ts';

const MINUTE_NS = 60 * NS_PER_SECOND;

interface Law {
  readonly formula: string;
  readonly inputs: readonly Input[];
  readonly low: number;
  readonly high: number;
}

/** What goes over a connection on which nothing is said: so many signs of life, each of so many packets. */
export function predictIdle({ trial, figures }: Measured): Prediction[] {
  const { idle } = trial;
  const law = signLaw({ trial, figures });
  if (idle === undefined || law === undefined) return [];
  const perMinute = MINUTE_NS / idle.signNs;
  return [
    compare({
      quantity: 'wire bytes a connection and minute',
      formula: `60 s ÷ τ × (${law.formula})`,
      inputs: [time('τ', idle.signNs), ...law.inputs],
      unit: 'bytes',
      stage: 'wire',
      predicted: { low: perMinute * law.low, high: perMinute * law.high },
      measured: idleCosts(trial, figures).wireBytes,
    }),
  ];
}

/** Of one sign of life. */
function signLaw({ trial, figures }: Pick<Measured, 'trial' | 'figures'>): Law | undefined {
  const frames = trial.idle?.frames ?? undefined;
  if (frames === undefined) return exchangeLaw({ trial, figures });
  const [downBytes, upBytes] = [frames.downBytes, frames.upBytes].map((bytes) => carriedBytes(trial, bytes)) as [
    number,
    number,
  ];
  // Nothing goes back that could take an ACK along.
  if (upBytes === 0) {
    const bytes = pushBytes(downBytes, 1);
    return { formula: 'F + 2h', inputs: [count('F', downBytes, ' B')], low: bytes, high: bytes };
  }
  return {
    formula: 'F + h × (3 + k), k from 0 to 1',
    inputs: [count('F', downBytes + upBytes, ' B')],
    ...lonePackets(downBytes + upBytes, 3),
  };
}

/** A sign of life is a write of its own. */
function carriedBytes({ variant }: Measured['trial'], bytes: number): number {
  return bytes === 0 || !isOverTls(variant) ? bytes : bytes + recordBytes(bytes);
}

/** A request and its empty answer, as long as they were; undefined where nobody counted them. */
function exchangeLaw({ trial, figures }: Pick<Measured, 'trial' | 'figures'>): Law | undefined {
  const each = (id: 'transportBytesUp' | 'transportBytesDown') =>
    per(counterTotal(trial, id), figures.answers, 'no answers');
  const [requestBytes, answerBytes] = [each('transportBytesUp'), each('transportBytesDown')];
  if (!isAvailable(requestBytes) || !isAvailable(answerBytes)) return undefined;
  const packets = segmentsOf(requestBytes) + segmentsOf(answerBytes) + 1;
  return {
    formula: packets === 3 ? 'H + h × (3 + k), k from 0 to 1' : 'H + h × (1 + s + k), k from 0 to 1',
    inputs: [size('H', requestBytes + answerBytes), ...(packets === 3 ? [] : [count('s', packets - 1)])],
    ...lonePackets(requestBytes + answerBytes, packets),
  };
}
