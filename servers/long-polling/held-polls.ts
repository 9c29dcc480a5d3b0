import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import { type Lane, laneOf } from '../http2/lane.ts';

/**
 * Polls that wait for something to say. A connection holds one, because whatever is asked behind it would wait for its answer; over
 * HTTP/2 a stream does, and nothing waits for it.
 */
export class HeldPolls {
  readonly #byLane = new Map<Lane, () => void>();
  /** Of each connection the request that came last, though it may wait for its turn. */
  readonly #newest = new WeakMap<Lane, IncomingMessage>();

  /** A request has come, and nothing was done about it yet: what waits on its connection is answered with what there is. */
  arrived(request: IncomingMessage): void {
    const lane = laneOf(request);
    this.#newest.set(lane, request);
    this.#byLane.get(lane)?.();
  }

  /**
   * Resolves when it is released: by whoever `holds` tells how, by the end of the time, of the connection, or of the node.
   * `holds` returns what ends its part in it.
   */
  async hold(reply: FastifyReply, mostMs: number, holds: (release: () => void) => () => void): Promise<void> {
    const { raw } = reply.request;
    const lane = laneOf(raw);
    // It may have gone while it was found out who asks, or have asked for something else.
    if (lane.destroyed || this.#newest.get(lane) !== raw) return;
    await new Promise<void>((resolve) => {
      const release = (): void => {
        clearTimeout(patience);
        if (this.#byLane.get(lane) !== release) return;
        this.#byLane.delete(lane);
        lane.off('close', release);
        letGo();
        resolve();
      };
      const patience = setTimeout(release, mostMs);
      this.#byLane.set(lane, release);
      lane.once('close', release);
      const letGo = holds(release);
    });
  }

  releaseAll(): void {
    for (const release of this.#byLane.values()) release();
  }
}
