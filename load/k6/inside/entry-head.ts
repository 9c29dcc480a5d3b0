import type { Notice } from '../../../scenarios/feed/message.ts';

const SEQ_FIELD = '{"seq":';
const SEQ_LENGTH = SEQ_FIELD.length;
const DUE_LENGTH = ',"dueNs":'.length;
const PUBLISHED_LENGTH = ',"publishedNs":'.length;

/**
 * Reads the first fields of an envelope (scenarios/message.ts) and appends `seq`, `dueNs` and `publishedNs` to `figures`.
 * Returns `seq`; 0, and nothing appended, where `entry` is no message at all: a notice, or something foreign. It parses no
 * JSON, which takes several times as long in k6's engine; a CRC-32 over the rest would take longer still, so it is not
 * checked.
 */
export function readHead(entry: string, figures: number[]): number {
  if (!entry.startsWith(SEQ_FIELD)) return 0;
  const seqEnd = entry.indexOf(',', SEQ_LENGTH);
  const dueStart = seqEnd + DUE_LENGTH;
  const dueEnd = entry.indexOf(',', dueStart);
  const publishedStart = dueEnd + PUBLISHED_LENGTH;
  const seq = Number(entry.slice(SEQ_LENGTH, seqEnd));
  const dueNs = Number(entry.slice(dueStart, dueEnd));
  const publishedNs = Number(entry.slice(publishedStart, entry.indexOf(',', publishedStart)));
  // What is not a number is not above 0.
  if (!(seq > 0 && dueNs > 0 && publishedNs > 0)) return 0;
  figures.push(seq, dueNs, publishedNs);
  return seq;
}

/** Parses what `readHead` refused; undefined where it is no notice either. */
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
