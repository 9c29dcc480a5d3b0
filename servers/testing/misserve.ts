import { HeaderReader } from '../../scenarios/feed/message.ts';
import type { Entry, ReadableLog } from '../feed/log.ts';

/** What is handed out in the place of message `seq`. */
export type Serving = (message: Entry, seq: number) => readonly Entry[];

/**
 * Makes a log, or by its prototype every log, hand out something else than it holds, to whoever reads it in whatever way:
 * a server that loses, repeats or mixes up its messages.
 */
export function misserve(log: Pick<ReadableLog, 'since' | 'follow'>, serving: Serving): void {
  const header = new HeaderReader();
  const { since, follow } = log;
  const serve = (entry: Entry): readonly Entry[] => (header.read(entry) ? serving(entry, header.seq) : [entry]);
  log.since = function (this: ReadableLog, position) {
    return since.call(this, position).flatMap(serve);
  };
  log.follow = function (this: ReadableLog, follower) {
    return follow.call(this, (entry) => {
      for (const served of serve(entry)) follower(served);
    });
  };
}
