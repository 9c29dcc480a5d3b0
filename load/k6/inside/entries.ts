import { afterMessage, afterNotice } from '../../../scenarios/feed/resume-point.ts';
import { parseNotice, readHead } from './entry-head.ts';
import type { Observer } from './observer.ts';

/** The body is a JSON array with one entry a line; an entry never holds a line break. */
const BETWEEN_ENTRIES = ',\n';

/** Takes one message or notice, tells the observer what it is, and returns where to go on from. */
export type TakeEntry = (entry: string, receivedMs: number, resumePoint: number) => number;

export function takeEntries(observer: Pick<Observer, 'figures' | 'message' | 'notice' | 'foreign'>): TakeEntry {
  const { figures, message } = observer;
  return (entry, receivedMs, resumePoint) => {
    const seq = readHead(entry, figures);
    if (seq > 0) {
      figures.push(entry.length, receivedMs);
      message();
      return afterMessage(resumePoint, seq);
    }
    const notice = parseNotice(entry);
    if (notice === undefined) {
      observer.foreign(entry);
      return resumePoint;
    }
    observer.notice(notice);
    return afterNotice(resumePoint, notice);
  };
}

interface Bodies {
  /** Takes the body of an answer, and returns how many entries it held. */
  readonly take: (body: string, receivedMs: number) => number;
  /** The number to go on from; undefined before the first answer. */
  readonly position: () => number | undefined;
}

export function openBodies(takeEntry: TakeEntry, first: number | undefined): Bodies {
  let resumePoint = first;
  return {
    take: (body, receivedMs) => {
      // Asked for all there is and got nothing: the feed has not begun.
      let point = resumePoint ?? 0;
      const end = body.length - 1;
      let entries = 0;
      for (let from = 1; from < end; entries++) {
        const comma = body.indexOf(BETWEEN_ENTRIES, from);
        const to = comma < 0 ? end : comma;
        point = takeEntry(body.slice(from, to), receivedMs, point);
        from = to + BETWEEN_ENTRIES.length;
      }
      resumePoint = point;
      return entries;
    },
    position: () => resumePoint,
  };
}
