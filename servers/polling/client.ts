import { HttpSession } from '../wire/http-session.ts';
import { PollGrid } from '../feed/poll-grid.ts';
import type { OpenSession } from '../transport.ts';

/**
 * Polls on its grid; a poll whose predecessor is still unanswered is left out. The first request is sent at once, to confirm
 * the subscription.
 */
export const openSession: OpenSession = (options, events) => {
  const grid = new PollGrid(options.poll, () => session.request());
  const session = new HttpSession(options, events, {
    path: '/messages',
    answered: () => grid.start(),
    ended: () => grid.stop(),
  });

  return {
    get bytesRead() {
      return session.bytesRead;
    },
    get bytesWritten() {
      return session.bytesWritten;
    },
    close: () => {
      grid.stop();
      session.close();
    },
  };
};
