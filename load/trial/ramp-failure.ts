import { dimension, type DimensionId, type DimensionValues, isUsual, optionText } from '../../scenarios/dimensions.ts';
import { Failure } from '../../scenarios/failures.ts';

/** What makes a link (`linkOf`). */
const OF_THE_LINK = ['link', 'delayNs', 'rate', 'loss'] as const satisfies readonly DimensionId[];

/** Why clients did not connect: where a link lies between, it is the likely cause, rather than how many they are. */
export function rampFailure(error: unknown, values: DimensionValues): unknown {
  const asked = OF_THE_LINK.flatMap((id) => {
    const value = values[id];
    return value === undefined || isUsual(id, values) ? [] : `--${dimension(id).option} ${optionText(id, value)}`;
  });
  if (!(error instanceof Failure) || error.code !== 'ramp-failed' || asked.length === 0) return error;
  const text = `${error.message}; the link is the likely cause (${asked.join(' ')}): try a better one`;
  return new Failure(error.code, text, { cause: error });
}
