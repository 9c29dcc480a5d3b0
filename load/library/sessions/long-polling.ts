import { transportRow } from '../../../servers/registry.ts';
import type { OpenSession } from '../../../servers/transport.ts';
import { UndiciSession } from '../undici-session.ts';

/** Asks with undici as soon as it has an answer. */
export const openSession: OpenSession = (options, events) => {
  const pace = { answered: () => session.request(), ended: () => undefined };
  const session = new UndiciSession(transportRow('long-polling').path, { options, events, pace });
  return session;
};
