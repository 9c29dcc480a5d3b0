import type { ValueOf } from '../../scenarios/dimensions.ts';

type Frames = ValueOf<'frames'>;

/** A subprotocol for each form of a message, so that a client says which it reads (RFC 6455, section 1.9). */
const SUBPROTOCOLS = { text: 'json', binary: 'binary' } as const satisfies Record<Frames, string>;

export function subprotocolFor(frames: Frames): string {
  return SUBPROTOCOLS[frames];
}

/** The first of what a client offers that there is; false where there is none of it. */
export function chooseSubprotocol(offered: Iterable<string>): string | false {
  for (const one of offered) if (framesOf(one) !== undefined) return one;
  return false;
}

/** Undefined where it is none of ours, or none at all. */
export function framesOf(subprotocol: string): Frames | undefined {
  const names = Object.keys(SUBPROTOCOLS) as Frames[];
  return names.find((frames) => SUBPROTOCOLS[frames] === subprotocol);
}
