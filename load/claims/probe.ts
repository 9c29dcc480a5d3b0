import type { FiguresOf, ProbeId } from '../../scenarios/claims/figures.ts';

/** A measurement that no trial of a feed can make. */
export interface Probe<Id extends ProbeId> {
  /** What it does, for whoever waits. */
  readonly label: string;
  /** About how long it takes, in seconds. */
  readonly seconds: number;
  /** Rejects with a Failure where it lacks something: then it is told, and the claims that rest on it are not decided. */
  readonly measure: (context: ProbeContext) => Promise<FiguresOf<Id>>;
}

export interface ProbeContext {
  /** Takes the end of whatever is started, in turn. */
  readonly cleanup: AsyncDisposableStack;
  /** A folder that goes with the probe. */
  readonly scratch: string;
  /** A Redis of the user's; absent: one is started. */
  readonly redisUrl: string | undefined;
}

/** The upper one of an even number. Throws where there is none. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[values.length >> 1];
  if (middle === undefined) throw new RangeError('nothing has no median');
  return middle;
}
