import type { Entry, ReadableLog } from '../../servers/feed/log.ts';

type Follower = (entry: Entry) => void;

/** A door's log whose followers hear of an entry in another way. */
export function changedLog(log: ReadableLog, change: (follower: Follower) => Follower): ReadableLog {
  return {
    get latest() {
      return log.latest;
    },
    get oldest() {
      return log.oldest;
    },
    next: (seq) => log.next(seq),
    place: (position) => log.place(position),
    since: (position) => log.since(position),
    follow: (follower) => log.follow(change(follower)),
    settle: () => log.settle(),
  };
}
