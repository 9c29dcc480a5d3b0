import type { Entry } from '../feed/log.ts';
import type { Attendance } from './attendance.ts';

/** Who comes beyond is served, and not taken for online. */
const MOST_VISITS = 100_000;
/** So many signals wait for the next poll, the newest. */
const MOST_SIGNALS = 32;

/** One page of a user that polls. */
export interface Visitor {
  readonly user: string;
  /** Tells the pages of a user from each other; empty where they are all one. */
  readonly tab: string;
}

/** A visitor, as long as it is there. */
export class Visit {
  /** How many there were, with the present one. */
  polls = 1;
  isOver = false;
  channels: ReadonlySet<string>;
  timer: NodeJS.Timeout | undefined;
  ms = 0;
  #signals: Entry[] = [];
  #watcher: (() => void) | undefined;

  constructor(channels: ReadonlySet<string>) {
    this.channels = channels;
  }

  signal(bytes: Entry): void {
    this.#signals.push(bytes);
    if (this.#signals.length > MOST_SIGNALS) this.#signals.shift();
    this.#watcher?.();
  }

  /** What was said to whoever is there since the poll before. */
  takeSignals(): readonly Entry[] {
    const signals = this.#signals;
    this.#signals = [];
    return signals;
  }

  /** Calls `told` with each signal that comes, for a poll that is held; undefined ends that. */
  watch(told: (() => void) | undefined): void {
    this.#watcher = told;
  }

  /** It follows what the next poll asks for, and each poll shows anew who asks. */
  joined(): void {}
  left(): void {}
  expired(): void {}
}

interface VisitsOptions {
  readonly attendance: Attendance;
  /** Whom signals are for. */
  readonly members: Members;
}

interface Members {
  add(visit: Visit, channels: Iterable<string>): void;
  remove(visit: Visit, channels: Iterable<string>): void;
}

/** Who polls is there, from a first poll until there was none for a time, or a goodbye. */
export class Visits {
  readonly #attendance: Attendance;
  readonly #members: Members;
  readonly #visits = new Map<string, Visit>();

  constructor({ attendance, members }: VisitsOptions) {
    this.#attendance = attendance;
    this.#members = members;
  }

  /** It asks for those channels, and is there for so many milliseconds from now on. Undefined where too many are. */
  see(visitor: Visitor, channels: ReadonlySet<string>, ms: number): Visit | undefined {
    const visit = this.#visits.get(keyOf(visitor));
    if (visit === undefined) return this.#begin(visitor, channels, ms);
    visit.polls += 1;
    if (!isSame(visit.channels, channels)) this.#move(visit, channels);
    this.#stay(visitor, visit, ms);
    return visit;
  }

  end(visitor: Visitor): void {
    const key = keyOf(visitor);
    const visit = this.#visits.get(key);
    if (visit === undefined) return;
    clearTimeout(visit.timer);
    visit.isOver = true;
    this.#visits.delete(key);
    this.#members.remove(visit, visit.channels);
    this.#attendance.leave(visitor.user);
  }

  /** Nobody is awaited any longer; who is there stays so. */
  close(): void {
    for (const { timer } of this.#visits.values()) clearTimeout(timer);
    this.#visits.clear();
  }

  #begin(visitor: Visitor, channels: ReadonlySet<string>, ms: number): Visit | undefined {
    if (this.#visits.size >= MOST_VISITS) return undefined;
    const visit = new Visit(channels);
    this.#visits.set(keyOf(visitor), visit);
    this.#members.add(visit, channels);
    this.#attendance.enter(visitor.user);
    this.#stay(visitor, visit, ms);
    return visit;
  }

  #move(visit: Visit, channels: ReadonlySet<string>): void {
    this.#members.remove(visit, visit.channels);
    visit.channels = channels;
    this.#members.add(visit, channels);
  }

  #stay(visitor: Visitor, visit: Visit, ms: number): void {
    if (visit.ms === ms) visit.timer?.refresh();
    else {
      clearTimeout(visit.timer);
      visit.ms = ms;
      visit.timer = setTimeout(() => this.end(visitor), ms).unref();
    }
  }
}

/** No name has a space. */
function keyOf({ user, tab }: Visitor): string {
  return `${user} ${tab}`;
}

function isSame(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size === others.size && some.isSubsetOf(others);
}
