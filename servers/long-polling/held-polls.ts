import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** Polls that wait for something to say. A connection holds one: whatever is asked behind it would wait for its answer. */
export class HeldPolls {
  readonly #bySocket = new Map<Socket, () => void>();
  /** Of each connection the request that came last, though it may wait for its turn. */
  readonly #newest = new WeakMap<Socket, IncomingMessage>();

  /** A request has come, and nothing was done about it yet: what waits on its connection is answered with what there is. */
  arrived(request: IncomingMessage): void {
    this.#newest.set(request.socket, request);
    this.#bySocket.get(request.socket)?.();
  }

  /**
   * Resolves when it is released: by whoever `holds` tells how, by the end of the time, of the connection, or of the node.
   * `holds` returns what ends its part in it.
   */
  async hold(reply: FastifyReply, mostMs: number, holds: (release: () => void) => () => void): Promise<void> {
    const { raw } = reply.request;
    const { socket } = raw;
    // It may have gone while it was found out who asks, or have asked for something else.
    if (socket.destroyed || this.#newest.get(socket) !== raw) return;
    await new Promise<void>((resolve) => {
      const release = (): void => {
        clearTimeout(patience);
        if (this.#bySocket.get(socket) !== release) return;
        this.#bySocket.delete(socket);
        socket.off('close', release);
        letGo();
        resolve();
      };
      const patience = setTimeout(release, mostMs);
      this.#bySocket.set(socket, release);
      socket.once('close', release);
      const letGo = holds(release);
    });
  }

  releaseAll(): void {
    for (const release of this.#bySocket.values()) release();
  }
}
