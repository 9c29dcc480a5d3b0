import { errorMessage } from '../../scenarios/failures.ts';
import { HeaderReader, type MessageHeader } from '../../scenarios/feed/message.ts';
import { printable } from '../../scenarios/printable.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { Adapter, Incoming, Numbered } from './adapter.ts';

/** What a message of the feed is, in the order in which they came; or in words what is wrong with the adapter. */
type Reading =
  | { readonly kind: 'none' }
  | { readonly kind: 'messages'; readonly reads: readonly (string | Numbered)[] }
  | { readonly kind: 'wrong'; readonly words: string };

const NONE: Reading = { kind: 'none' };

/** Calls the user's `read`, and looks at what it returns: what throws, or returns nonsense, is told in words. */
export function readIncoming({ read }: Adapter, came: Incoming): Reading {
  try {
    const found: unknown = read(came);
    if (found === undefined) return NONE;
    const reads: readonly unknown[] = Array.isArray(found) ? found : [found];
    const strange = reads.find((one) => !isRead(one));
    if (strange === undefined) return { kind: 'messages', reads: reads as readonly (string | Numbered)[] };
    return { kind: 'wrong', words: `"read" returned ${inWords(strange)}, and no text or {seq, sentAtMs}` };
  } catch (error) {
    return { kind: 'wrong', words: `"read" threw ${printable(errorMessage(error))}` };
  }
}

function isRead(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null || !('seq' in value)) return false;
  const isNumbered = typeof value.seq === 'number' && Number.isSafeInteger(value.seq);
  const isStamped = !('sentAtMs' in value) || value.sentAtMs === undefined || isTime(value.sentAtMs);
  return isNumbered && isStamped;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function inWords(value: unknown): string {
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));
}

const envelope = new HeaderReader();

/** A text that was published, as it is after `publish`; undefined where it is none of feedbench's. Good until the next is read. */
export function readEnvelope(text: string): { header: MessageHeader; bytes: Buffer } | undefined {
  const bytes = Buffer.from(text);
  return envelope.read(bytes) ? { header: envelope, bytes } : undefined;
}

const NOTHING = Buffer.alloc(0);

/** A message of a server's own feed; `offsetMs` is how far its clock is ahead of the monotonic one, undefined where nobody knows. */
export function numberedHeader({ seq, sentAtMs }: Numbered, offsetMs: number | undefined): MessageHeader {
  const isTimed = sentAtMs !== undefined && offsetMs !== undefined;
  const sentNs = isTimed ? Math.round((sentAtMs - offsetMs) * NS_PER_MS) : Number.NaN;
  return {
    seq,
    dueNs: sentNs,
    publishedNs: sentNs,
    intact: true,
    crc: -1,
    data: () => NOTHING,
    dataCrc: () => 0,
    origin: () => undefined,
  };
}
