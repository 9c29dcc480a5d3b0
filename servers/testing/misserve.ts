import { HeaderReader } from '../../scenarios/feed/message.ts';
import { type Entry, Log, type ReadableLog } from '../feed/log.ts';
import { SubscribedLog } from '../feed/subscribed-log.ts';
import { WaitingLog } from '../feed/waiting-log.ts';

/** What is handed out in the place of message `seq`. */
export type Serving = (message: Entry, seq: number) => readonly Entry[];

/**
 * Makes a log, or by its prototype every log, hand out something else than it holds, to whoever reads it in whatever way:
 * a server that loses, repeats or mixes up its messages.
 */
export function misserve(log: Pick<ReadableLog, 'since' | 'follow'>, serving: Serving): void {
  misserveReaders(log, serving);
  const serve = servedBy(serving);
  const { follow } = log;
  log.follow = function (this: ReadableLog, follower) {
    return follow.call(this, (entry) => {
      for (const served of serve(entry)) follower(served);
    });
  };
}

/** Every log of a node, and every client's view of one. */
export function misserveAll(serving: Serving): void {
  misserve(Log.prototype, serving);
  // What it follows comes from the log.
  misserveReaders(SubscribedLog.prototype, serving);
  misserveReaders(WaitingLog.prototype, serving);
}

/** The same to who asks, not to who follows. */
export function misserveReaders(log: Pick<ReadableLog, 'since'>, serving: Serving): void {
  const serve = servedBy(serving);
  const { since } = log;
  log.since = function (this: ReadableLog, position) {
    return since.call(this, position).flatMap(serve);
  };
}

function servedBy(serving: Serving): (entry: Entry) => readonly Entry[] {
  const header = new HeaderReader();
  return (entry) => (header.read(entry) ? serving(entry, header.seq) : [entry]);
}
