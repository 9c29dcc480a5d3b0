import type { Cadence, Carriage, CarriageException, Framing } from './transport-traits.ts';

/** How clients of a variant with those values get messages: the first exception that fits, otherwise what is usual. */
export function carriageOf(
  traits: Carriage & { readonly exceptions?: readonly CarriageException[] | undefined },
  values: Readonly<Record<string, string | number | undefined>>,
): Carriage {
  const exception = traits.exceptions?.find(({ where }) =>
    Object.entries(where).every(([dimension, value]) => values[dimension] === value),
  );
  return exception?.is ?? traits;
}

export const CLASS_IDS = ['interval', 'prompt'] as const;

/** Of variants that vary alike from trial to trial: those whose clients poll at an interval, and those that get messages at once. */
export type ClassId = (typeof CLASS_IDS)[number];

export function classOf(cadence: Cadence): ClassId {
  return cadence === 'interval' ? 'interval' : 'prompt';
}

export function framingBytes(framing: Framing, messageBytes: number): number {
  return framing.findLast(({ fromBytes }) => fromBytes <= messageBytes)?.addsBytes ?? 0;
}
