import { openRhythm } from '../../../scenarios/asking/rhythm.ts';
import { asksFirst, PollGrid } from '../../../servers/feed/poll-grid.ts';
import { transportRow } from '../../../servers/registry.ts';
import type { OpenSession } from '../../../servers/transport.ts';
import { UndiciSession } from '../undici-session.ts';

/** Polls on its grid with undici; a poll whose predecessor is still unanswered is left out. A channel is joined by the next. */
export const openSession: OpenSession = (options, events) => {
  const grid = new PollGrid(options.poll, openRhythm(options.values.ask), () => session.request());
  const waits = !asksFirst(options);
  const pace = { waits, answered: (messages: number) => grid.answered(messages), ended: () => grid.stop() };
  const session = new UndiciSession(transportRow('polling').path, { options, events, pace });
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
