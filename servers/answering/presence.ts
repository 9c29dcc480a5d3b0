import type { DoorContext } from '../transport.ts';
import { identityOf, refuse } from './caller.ts';

const UNKNOWN = 'who is online is not known at the moment: ask again';

/** Registers `GET /presence`: who is online, on whichever node, and up to which number of the log that is so. */
export function routePresence({ app, hub }: Pick<DoorContext, 'app' | 'hub'>): void {
  app.get('/presence', async (request, reply) => {
    const identity = await identityOf(hub, request);
    if (typeof identity === 'string') return refuse(reply, identity);
    const known = await hub.presence();
    if (known === undefined) return reply.code(503).send({ error: UNKNOWN });
    return reply.header('cache-control', 'no-store').send({ seq: known.seq, users: known.users });
  });
}
