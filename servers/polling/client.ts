import { openRhythm } from '../../scenarios/asking/rhythm.ts';
import { HttpSession } from '../asking/http-session.ts';
import { asksFirst, PollGrid } from '../feed/poll-grid.ts';
import type { OpenSession } from '../transport.ts';

/**
 * Polls on its grid; a poll whose predecessor is still unanswered is left out. The first request is sent at once, to confirm
 * the subscription. A channel is joined or left by the next poll.
 */
export const openSession: OpenSession = (options, events) => {
  const grid = new PollGrid(options.poll, openRhythm(options.values.ask), () => session.request());
  const waits = !asksFirst(options);
  const session = new HttpSession(options, events, {
    path: '/messages',
    waits,
    answered: (messages) => grid.answered(messages),
    ended: () => grid.stop(),
  });

  if (waits) grid.start();

  return {
    get extraConnections() {
      return session.extraConnections;
    },
    get bytesRead() {
      return session.bytesRead;
    },
    get bytesWritten() {
      return session.bytesWritten;
    },
    get remembered() {
      return session.remembered;
    },
    say: (command, answered) => session.say(command, answered),
    close: () => {
      grid.stop();
      session.close();
    },
  };
};
