import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { Answers, routeMessages } from '../wire/http-answer.ts';
import type { OpenDoor } from '../transport.ts';

/**
 * Held polls are answered by the next append, by the end of the hold time, or by the drain (RFC 6202, section 2). A
 * connection holds one: whoever asks again without waiting for the answer gets it, and so cannot pile them up.
 */
export const openDoor: OpenDoor = (context) => {
  const { log, options } = context;
  const answers = new Answers(log);
  const held = new Map<Socket, () => void>();
  let draining = false;
  log.follow(() => release());

  function release(): void {
    const waiting = [...held.values()];
    held.clear();
    for (const answer of waiting) answer();
  }

  routeMessages(context, '/next', async (position, reply) => {
    const upToDate = position.kind === 'after' && position.seq === log.latest;
    if (!upToDate || draining) return answers.since(position);
    await nextAppend(reply);
    return answers.since(position);
  });

  /** Or the end of the hold time, of the connection, of the node. */
  async function nextAppend(reply: FastifyReply): Promise<void> {
    const { socket } = reply.request.raw;
    held.get(socket)?.();
    await new Promise<void>((resolve) => {
      const hold = setTimeout(done, options.holdMs);
      function done(): void {
        clearTimeout(hold);
        held.delete(socket);
        reply.raw.off('close', done);
        resolve();
      }
      held.set(socket, done);
      reply.raw.once('close', done);
    });
  }

  return {
    drain: async () => {
      draining = true;
      release();
    },
  };
};
