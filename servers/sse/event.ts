import { HeaderReader, readNotice } from '../../scenarios/feed/message.ts';
import { afterNotice } from '../../scenarios/feed/resume-point.ts';
import type { Entry } from '../feed/log.ts';

const header = new HeaderReader();
const DISPATCH = Buffer.from('\n\n');

/** A comment: nothing to a client, and a sign of life to whatever stands between. */
export const SIGN_OF_LIFE = Buffer.from(':\n\n');

/**
 * An entry as an event of the HTML Standard, section "Server-sent events". Its id is where a client goes on that has it,
 * so that what EventSource says as Last-Event-ID is always a `since`: of a message its number, of a notice the number
 * after which the feed goes on.
 */
export function encodeEvent(entry: Entry): Buffer {
  const seq = resumePoint(entry);
  const id = seq === undefined ? '' : `id: ${seq}\n`;
  return Buffer.concat([Buffer.from(`${id}data: `), entry, DISPATCH]);
}

/** Undefined where the entry does not move it. */
function resumePoint(entry: Entry): number | undefined {
  if (header.read(entry)) return header.seq;
  const notice = readNotice(entry);
  return notice === undefined ? undefined : afterNotice(0, notice);
}

/** The last words to a client. */
export function encodeComment(text: string): string {
  return `: ${text}\n\n`;
}

/** How long a client is to wait before it comes back; it dispatches no event. */
export function encodeRetry(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}
