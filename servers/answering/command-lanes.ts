import type { Socket } from 'node:net';

/** Commands of one connection that may be at work at a time, as of one that stays. */
const MOST_PENDING = 256;

interface Lane {
  pending: number;
  last: Promise<unknown>;
}

/**
 * Commands that are written one behind the other on a connection (RFC 9112, section 9.3.2) are done in their order, however
 * long it takes to find out who says them, and no more at a time than a bound.
 */
export class CommandLanes {
  readonly #lanes = new WeakMap<Socket, Lane>();

  /**
   * Gets ready at once, and does its work when that is done, and all before it on its connection have begun theirs. Undefined where
   * too many are at work.
   */
  async inTurn<T, R>(socket: Socket, ready: () => Promise<T>, work: (value: T) => Promise<R>): Promise<R | undefined> {
    const lane = this.#lanes.get(socket) ?? { pending: 0, last: Promise.resolve() };
    this.#lanes.set(socket, lane);
    if (lane.pending >= MOST_PENDING) return undefined;
    lane.pending += 1;
    try {
      const turn = Promise.all([ready(), lane.last]);
      // One that fails holds up no other.
      lane.last = turn.catch(() => undefined);
      const [value] = await turn;
      return await work(value);
    } finally {
      lane.pending -= 1;
    }
  }
}
