import { carriageOf } from '../../scenarios/carriage.ts';
import { deliversLatest } from '../../scenarios/feed/conflation.ts';
import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import type { Carriage } from '../../scenarios/transport-traits.ts';
import { isCompressed } from '../../scenarios/variant.ts';
import { predictHeld } from './held-predictions.ts';
import { predictHttp2 } from './http2-predictions.ts';
import { predictIdle } from './idle-predictions.ts';
import { predictInterval } from './polling/interval-predictions.ts';
import { isQuietLink, predictOverLink } from './link/link-predictions.ts';
import type { Measured, Prediction } from './prediction.ts';
import { predictPushBytes, predictPushStaleness } from './push-predictions.ts';
import { whyNoTheory } from './scope.ts';

/** Empty where the result does not say how the transport's clients get messages, and where no law holds. */
export function predict(measured: Measured): Prediction[] {
  if (whyNoTheory(measured.result) !== undefined) return [];
  if (isSilent(measured.result.workload.feed)) return predictIdle(measured);
  const traits = measured.result.transports[measured.trial.variant.transport];
  // No law has what was made to happen to the servers.
  if (traits === undefined || traits.outside === true || measured.trial.disruption !== null) return [];
  const carriage = carriageOf(traits, measured.trial.variant.values);
  return [...predictByCarriage(measured, carriage), ...predictHttp2(measured, traits.path, carriage)];
}

function predictByCarriage(measured: Measured, carriage: Carriage): Prediction[] {
  switch (carriage.cadence) {
    case 'interval':
      return [...predictInterval(measured), ...predictOverLink(measured, carriage.cadence)];
    case 'held':
      return [
        ...predictOverLink(measured, carriage.cadence),
        ...(isCompressed(measured.trial.variant) ? [] : predictHeld(measured)),
      ];
    case 'push':
      return [
        // Windows come as they come: how long a message waits for the end of one follows from no law.
        ...(deliversLatest(measured.trial.variant.values) || !isQuietLink(measured)
          ? []
          : predictPushStaleness(measured)),
        ...predictOverLink(measured, carriage.cadence),
        ...(isCompressed(measured.trial.variant) ? [] : predictPushBytes(measured, carriage)),
      ];
    default:
      return carriage satisfies never;
  }
}
