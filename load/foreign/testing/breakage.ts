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
  /** Told at least so much later, and those behind it with it, in their order: a server that is busy with something else. */
  readonly late?: { readonly seq: number; readonly ms: number };
}

const SEQ = /^\{"seq":(\d+),/;

export function breakageOf({ dropped, repeated, swapped, damaged, late }: FaultPlan): Breakage {
  let held: string | undefined;
  const hold = new Hold();
  return (text, tellAll) => {
    const tell = (told: string): void => hold.pass(() => tellAll(told));
    const seq = Number(SEQ.exec(text)?.[1]);
    // What feedbench says before a trial is the first of its own.
    if (text.includes('a rehearsal')) {
      tell(text);
      return;
    }
    if (late?.seq === seq) hold.begin(late.ms);
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

/** Lets all through at once, or, once it has begun, when its time is over. */
class Hold {
  #waiting: (() => void)[] | undefined;

  begin(ms: number): void {
    this.#waiting = [];
    // A timer of Node may be up to a millisecond early.
    setTimeout(() => this.#end(), ms + 1);
  }

  pass(tell: () => void): void {
    if (this.#waiting === undefined) tell();
    else this.#waiting.push(tell);
  }

  #end(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const tell of waiting) tell();
  }
}
