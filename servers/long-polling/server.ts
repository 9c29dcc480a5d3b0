import type { FastifyReply } from 'fastify';
import { Answers, routeMessages } from '../wire/http-answer.ts';
import type { OpenDoor } from '../transport.ts';

/** Held polls are answered by the next append, by the end of the hold time, or by the drain (RFC 6202, section 2). */
export const openDoor: OpenDoor = (context) => {
  const { log, options } = context;
  const answers = new Answers(log);
  const held = new Set<() => void>();
  let draining = false;
  log.follow(() => release());

  function release(): void {
    const waiting = [...held];
    held.clear();
    for (const answer of waiting) answer();
  }

  routeMessages(context, async (position, reply) => {
    const upToDate = position.kind === 'after' && position.seq === log.latest;
    if (!upToDate || draining) return answers.since(position);
    await nextAppend(reply);
    return answers.since(position);
  });

  /** Or the end of the hold time, of the connection, of the node. */
  async function nextAppend(reply: FastifyReply): Promise<void> {
    await new Promise<void>((resolve) => {
      const hold = setTimeout(done, options.holdMs);
      function done(): void {
        clearTimeout(hold);
        held.delete(done);
        reply.raw.off('close', done);
        resolve();
      }
      held.add(done);
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
