import { HeaderReader } from '../../scenarios/feed/message.ts';
import type { Entry, Log } from '../feed/log.ts';

/** What is handed out in the place of message `seq`. */
export type Serving = (message: Entry, seq: number) => readonly Entry[];

/**
 * Makes a log, or by its prototype every log, hand out something else than it holds, to whoever reads it in whatever way:
 * a server that loses, repeats or mixes up its messages.
 */
export function misserve(log: Log, serving: Serving): void {
  const header = new HeaderReader();
  // oxlint-disable-next-line typescript/unbound-method -- each is called on the log that it was asked of
  const { since, follow } = log;
  const serve = (entry: Entry): readonly Entry[] => (header.read(entry) ? serving(entry, header.seq) : [entry]);
  log.since = function (this: Log, position) {
    return since.call(this, position).flatMap(serve);
  };
  log.follow = function (this: Log, follower) {
    return follow.call(this, (entry) => {
      for (const served of serve(entry)) follower(served);
    });
  };
}
