import { HttpSession } from '../asking/http-session.ts';
import type { OpenSession } from '../transport.ts';

/** Polls again the moment it has an answer: how many the door can give. */
export const openSession: OpenSession = (options, events) => {
  const session = new HttpSession(options, events, {
    path: '/messages',
    answered: () => session.request(),
    ended: () => undefined,
  });
  return session;
};
