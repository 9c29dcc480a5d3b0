import { HttpSession } from '../asking/http-session.ts';
import type { OpenSession } from '../transport.ts';

/**
 * Asks again as soon as it has an answer; confirmed by a first request that is answered at once. To join or leave a channel, a
 * poll that is held is given up and asked anew, as a page does that aborts it: over another TCP connection.
 */
export const openSession: OpenSession = (options, events) => {
  const session = new HttpSession(options, events, {
    path: '/next',
    answered: () => session.request(),
    // Channels that are joined in one go cost one request.
    changed: () => queueMicrotask(() => session.askAnew()),
    ended: () => undefined,
  });
  return session;
};
