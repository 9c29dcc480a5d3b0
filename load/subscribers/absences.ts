import type { SessionEnd } from '../../scenarios/session-end.ts';

/** A connection that ended, and what became of its client. Moments are on the monotonic clock; null: that did not happen. */
export interface Absence {
  readonly end: SessionEnd;
  /** At which it was, counted from 1; null where that is not known. */
  readonly node: number | null;
  readonly droppedNs: number;
  readonly tries: number;
  readonly backNs: number | null;
  readonly caughtUpNs: number | null;
  /** Of the messages that were due before it was back, the age of the oldest when it came. */
  readonly oldestMissedNs: number | null;
}

/** Every client that drops again and again must not fill a worker's memory. */
const MOST_ABSENCES = 200_000;

type Kept = { -readonly [Field in keyof Absence]: Absence[Field] };

/** Takes note of when the clients of one worker were away. */
export class Absences {
  readonly #all: Kept[] = [];

  /** One for each client. */
  ofClient(): ClientAbsences {
    return new ClientAbsences((absence) => {
      if (this.#all.length < MOST_ABSENCES) this.#all.push(absence);
    });
  }

  get all(): readonly Absence[] {
    return this.#all;
  }
}

/** The same of one client. A message goes through here only while `isCatchingUp`. */
export class ClientAbsences {
  readonly #keep: (absence: Kept) => void;
  #absence: Kept | undefined;
  /** What is not made up for, of this absence and of those before. */
  #owed: Kept[] = [];
  isCatchingUp = false;

  constructor(keep: (absence: Kept) => void) {
    this.#keep = keep;
  }

  dropped(end: SessionEnd, atNs: number, node: number | null): void {
    this.isCatchingUp = false;
    this.#absence = { end, node, droppedNs: atNs, tries: 0, backNs: null, caughtUpNs: null, oldestMissedNs: null };
    this.#owed.push(this.#absence);
    this.#keep(this.#absence);
  }

  tries(): void {
    if (this.#absence !== undefined) this.#absence.tries += 1;
  }

  /** `hasAll`: nothing was published that it does not have. */
  back(atNs: number, hasAll: boolean): void {
    if (this.#absence === undefined) return;
    this.#absence.backNs = atNs;
    this.isCatchingUp = !hasAll;
    if (hasAll) this.#caughtUp(atNs);
  }

  /** A message has come; `hasAll`: with it the client has all that was due before it was back. */
  message({ dueNs, receivedNs }: { dueNs: number; receivedNs: number }, hasAll: boolean): void {
    const absence = this.#absence;
    if (absence?.backNs === null || absence === undefined) return;
    if (dueNs < absence.backNs) absence.oldestMissedNs = Math.max(absence.oldestMissedNs ?? 0, receivedNs - dueNs);
    if (!hasAll) return;
    this.#caughtUp(receivedNs);
    this.isCatchingUp = false;
  }

  #caughtUp(atNs: number): void {
    // A message is read before its client is told that it is back.
    for (const absence of this.#owed) absence.caughtUpNs = Math.max(atNs, absence.backNs ?? atNs);
    this.#owed = [];
  }
}
