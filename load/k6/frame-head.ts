import type { Notice } from '../../scenarios/message.ts';

const SEQ_FIELD = '{"seq":';
const DUE_FIELD = ',"dueNs":';
const PUBLISHED_FIELD = ',"publishedNs":';

/**
 * Reads the first fields of an envelope (scenarios/message.ts) without parsing JSON: 3 µs a message in k6's engine, a
 * pattern 4 and `JSON.parse` 20. A CRC-32 over the rest would cost more than the delivery, so it is not checked here.
 */
export class FrameHead {
  seq = 0;
  dueNs = 0;
  publishedNs = 0;

  /** False where `text` is no message at all: a notice, or something foreign. */
  read(text: string): boolean {
    if (!text.startsWith(SEQ_FIELD)) return false;
    const seqEnd = text.indexOf(',', SEQ_FIELD.length);
    const dueStart = seqEnd + DUE_FIELD.length;
    const dueEnd = text.indexOf(',', dueStart);
    const publishedStart = dueEnd + PUBLISHED_FIELD.length;
    this.seq = Number(text.slice(SEQ_FIELD.length, seqEnd));
    this.dueNs = Number(text.slice(dueStart, dueEnd));
    this.publishedNs = Number(text.slice(publishedStart, text.indexOf(',', publishedStart)));
    // What is not a number is not above 0.
    return this.seq > 0 && this.dueNs > 0 && this.publishedNs > 0;
  }
}

/** Parses what a FrameHead refused; undefined where it is no notice either. */
export function parseNotice(text: string): Notice | undefined {
  try {
    const value = JSON.parse(text) as Partial<Notice> | null;
    if (value?.notice === 'reset') return Number.isSafeInteger(value.latest) ? (value as Notice) : undefined;
    if (value?.notice !== 'gap') return undefined;
    return Number.isSafeInteger(value.from) && Number.isSafeInteger(value.to) ? (value as Notice) : undefined;
  } catch {
    return undefined;
  }
}
