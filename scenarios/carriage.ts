import type { Carriage, CarriageException, Framing } from './transport-traits.ts';

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

export function framingBytes(framing: Framing, messageBytes: number): number {
  return framing.findLast(({ fromBytes }) => fromBytes <= messageBytes)?.addsBytes ?? 0;
}
