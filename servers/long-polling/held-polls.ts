import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** Polls that wait for something to say. A connection holds one: whatever is asked behind it would wait for its answer. */
export class HeldPolls {
  readonly #bySocket = new Map<Socket, () => void>();

  /**
   * Resolves when it is released: by whoever `holds` tells how, by the end of the time, of the connection, or of the node.
   * `holds` returns what ends its part in it.
   */
  async hold(reply: FastifyReply, mostMs: number, holds: (release: () => void) => () => void): Promise<void> {
    const { socket } = reply.request.raw;
    this.release(socket);
    // It may have gone while it was found out who asks.
    if (socket.destroyed) return;
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

  /** What waits on that connection is answered with what there is. */
  release(socket: Socket): void {
    this.#bySocket.get(socket)?.();
  }

  releaseAll(): void {
    for (const release of this.#bySocket.values()) release();
  }
}
