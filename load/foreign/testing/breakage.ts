/** Does with a text that all are to be told what a broken server would. */
export type Breakage = (text: string, tell: (text: string) => void) => void;

/** Of the messages of a trial, by their numbers, which of them fares how; all others are told at once. */
export interface FaultPlan {
  readonly dropped: readonly number[];
  readonly repeated: readonly number[];
  /** Told only behind the one after it. */
  readonly swapped: readonly number[];
  /** Told with another character in its data. */
  readonly damaged: readonly number[];
}

const SEQ = /^\{"seq":(\d+),/;

export function breakageOf({ dropped, repeated, swapped, damaged }: FaultPlan): Breakage {
  let held: string | undefined;
  return (text, tell) => {
    const seq = Number(SEQ.exec(text)?.[1]);
    // What feedbench says before a trial is the first of its own.
    if (text.includes('a rehearsal')) {
      tell(text);
      return;
    }
    if (swapped.includes(seq)) {
      held = text;
      return;
    }
    if (!dropped.includes(seq)) tell(damaged.includes(seq) ? text.replace('"data":{"', '"data":{"x') : text);
    if (repeated.includes(seq)) tell(text);
    if (held !== undefined) tell(held);
    held = undefined;
  };
}
