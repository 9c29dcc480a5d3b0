import { type Answer, isAccepted } from '../../scenarios/feed/signal.ts';
import type { Answered, Session, SessionCommand } from '../../servers/transport.ts';

/** Of one client on the way at once: a server refuses more than it has room for. */
const MOST_ON_THE_WAY = 64;
/** What waits for a connection: whoever says more than that has lost touch. */
const MOST_WAITING = 10_000;
/** Where a server cannot keep what is said at the moment. */
const AGAIN_MS = 200;

interface Waiting {
  readonly command: SessionCommand;
  readonly answered: Answered;
  isOnTheWay: boolean;
  /** How often a server could not keep something when this one was said last. */
  refusals: number;
}

/**
 * What a client has said and has no answer to, in order. It outlasts connections: over a new one all of it is said again, which
 * does no harm, because a server knows the number of what it has already. What a server cannot keep at the moment
 * (`unavailable`) is said again by itself, and so is what comes behind it in its channel and is out of order for that reason.
 */
export class Commands {
  readonly #accepted: (command: SessionCommand) => void;
  #waiting: Waiting[] = [];
  #onTheWay = 0;
  #refusals = 0;
  #session: Session | undefined;
  #again: NodeJS.Timeout | undefined;

  /** `accepted` is called before whoever said it is told. */
  constructor(accepted: (command: SessionCommand) => void) {
    this.#accepted = accepted;
  }

  say(command: SessionCommand, answered: Answered): void {
    if (this.#waiting.length >= MOST_WAITING)
      throw new RangeError(`${MOST_WAITING} commands of one client wait for their answers`);
    this.#waiting.push({ command, answered, isOnTheWay: false, refusals: 0 });
    this.#sayNext();
  }

  /** All that waits is said over this one. */
  carryBy(session: Session): void {
    this.#session = session;
    this.#sayNext();
  }

  /** No answer comes any more over the session at hand. */
  drop(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#session = undefined;
    this.#onTheWay = 0;
    for (const waiting of this.#waiting) waiting.isOnTheWay = false;
  }

  #sayNext(): void {
    const session = this.#session;
    if (session === undefined || this.#again !== undefined) return;
    for (const waiting of this.#waiting) {
      if (this.#onTheWay >= MOST_ON_THE_WAY) return;
      if (waiting.isOnTheWay) continue;
      waiting.isOnTheWay = true;
      waiting.refusals = this.#refusals;
      this.#onTheWay += 1;
      session.say(waiting.command, (answer, receivedNs) => {
        if (this.#session === session && waiting.isOnTheWay) this.#answer(waiting, answer, receivedNs);
      });
      // It may have ended because of it.
      if (this.#session !== session) return;
    }
  }

  #answer(waiting: Waiting, answer: Answer, receivedNs: number): void {
    waiting.isOnTheWay = false;
    this.#onTheWay -= 1;
    if (this.#isForLater(waiting, answer)) {
      this.#again ??= setTimeout(() => {
        this.#again = undefined;
        this.#sayNext();
      }, AGAIN_MS);
      return;
    }
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    if (isAccepted(answer)) this.#accepted(waiting.command);
    waiting.answered(answer, receivedNs);
    this.#sayNext();
  }

  #isForLater({ refusals }: Waiting, answer: Answer): boolean {
    if (isAccepted(answer)) return false;
    if (answer.reason === 'unavailable') {
      this.#refusals += 1;
      return true;
    }
    return answer.reason === 'out-of-order' && this.#refusals > refusals;
  }
}
