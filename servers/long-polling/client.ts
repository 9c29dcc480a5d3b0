import { HttpSession } from '../wire/http-session.ts';
import type { OpenSession } from '../transport.ts';

/** Asks again as soon as it has an answer; confirmed by a first request that is answered at once. */
export const openSession: OpenSession = (options, events) => {
  const session = new HttpSession(options, events, {
    path: '/next',
    answered: () => session.request(),
    ended: () => undefined,
  });
  return session;
};
