import { transportRow } from '../../../servers/registry.ts';
import type { OpenSession } from '../../../servers/transport.ts';
import { UndiciSession } from '../undici-session.ts';

/** Asks with undici as soon as it has an answer; a poll that is held is given up where a channel is joined or left. */
export const openSession: OpenSession = (options, events) => {
  const pace = {
    answered: () => session.request(),
    // Channels that are joined in one go cost one request.
    changed: () => queueMicrotask(() => session.askAnew()),
    ended: () => undefined,
  };
  const session = new UndiciSession(transportRow('long-polling').path, { options, events, pace });
  return session;
};
