import { setTimeout } from 'node:timers/promises';
import type { Origin } from '../../../scenarios/feed/message.ts';
import type { Said } from '../../hub/conversation.ts';
import { numbers } from '../../testing/test-subscriber.ts';

interface Listening {
  readonly isAlive: boolean;
  say(origin: Origin): Promise<Said>;
}

/** Said at once, without waiting for an answer between. */
const WINDOW = 3;
const BETWEEN_MS = 20;

/** A client that talks: what was not answered it says again, in order, at another node where its own is no more. */
export class Talker {
  /** By n, the numbers in the log that it was told; null where it was told that there is one. */
  readonly answered = new Map<number, number | null>();
  readonly from: string;
  readonly #nodes: readonly Listening[];
  readonly #turn: number;

  constructor(from: string, nodes: readonly Listening[], turn: number) {
    this.from = from;
    this.#nodes = nodes;
    this.#turn = turn;
  }

  async talk(count: number): Promise<void> {
    for (;;) {
      const first = this.answered.size + 1;
      const window = numbers(first, Math.min(count, first + WINDOW - 1));
      const node = this.#node();
      const outcomes = await Promise.allSettled(
        window.map(async (n) => node.say({ channel: 'room:1', from: this.from, n })),
      );
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'rejected' || outcome.value.kind === 'ahead') break;
        this.answered.set(first + index, outcome.value.seq);
      }
      if (this.answered.size === count) return;
      await setTimeout(BETWEEN_MS);
    }
  }

  /** Its own, or the next one that is there. */
  #node(): Listening {
    const from = this.#turn % this.#nodes.length;
    const node = [...this.#nodes.slice(from), ...this.#nodes.slice(0, from)].find(({ isAlive }) => isAlive);
    if (node === undefined) throw new Error('no node is left');
    return node;
  }
}
