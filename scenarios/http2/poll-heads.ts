import type { ValueOf } from '../dimensions.ts';
import { hpackTextBytes } from './hpack.ts';

/** Of every frame (RFC 9113, section 4.1). */
export const FRAME_HEAD_BYTES = 9;

/**
 * Fields of a request that are the same each time, so that each takes a byte, the place of its row, from the second request on: method,
 * scheme, authority, and those of the header profile.
 */
export const SAME_REQUEST_FIELDS = { browser: 16, minimal: 3 } as const satisfies Record<ValueOf<'headers'>, number>;

/** Status, content type and cache control. */
const SAME_ANSWER_FIELDS = 3;
/** `date`, of which the seconds change. */
const DATE = 'Thu, 26 Nov 2026 17:00:00 GMT';
/** Servers of Node end an answer with a frame without data, because trailers could follow. */
const END_FRAMES = 1;
/** Of a frame's data, as long as a client asks for no more (RFC 9113, section 6.5.2). */
const MOST_FRAME_BYTES = 16_384;

/** Frames that carry a body; each is a write of its own. */
export function dataFramesOf(bodyBytes: number): number {
  return Math.max(1, Math.ceil(bodyBytes / MOST_FRAME_BYTES));
}

interface PollHeads {
  readonly headers: ValueOf<'headers'>;
  /** With its query: it is said each time, though it may be the same (nghttp2 keeps no `:path`). */
  readonly target: string;
  readonly bodyBytes: number;
  /** How many of the answers are the first over their connection in a second: the others find its date in the table. */
  readonly newDates: number;
}

/** What a poll and its answer take over HTTP/2 besides the body, behind the first ones, by the encoder of Node; over TLS records come on top. */
export function pollHeadBytes({ headers, target, bodyBytes, newDates }: PollHeads): number {
  const request = FRAME_HEAD_BYTES + SAME_REQUEST_FIELDS[headers] + 1 + hpackTextBytes(target);
  const length = 2 + hpackTextBytes(String(Math.round(bodyBytes)));
  const date = 1 + newDates * hpackTextBytes(DATE);
  const frames = dataFramesOf(bodyBytes) + END_FRAMES;
  return request + FRAME_HEAD_BYTES + SAME_ANSWER_FIELDS + length + date + frames * FRAME_HEAD_BYTES;
}
