import type { ProtocolCause } from '../../scenarios/session-end.ts';

type Fields = ReadonlyMap<string, string>;

/** The head of an HTTP/1.1 answer (RFC 9112, sections 4 and 5). */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** By name in lower case; fields of one name joined by a comma (RFC 9110, section 5.3). */
  readonly fields: Fields;
  readonly framing: Framing;
  /** Whether the connection stays open after the answer (RFC 9112, section 9.3). */
  readonly isPersistent: boolean;
}

/** How the length of a body is known (RFC 9112, section 6.3), or what is wrong with it. */
type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunks' | 'close' }
  | { readonly kind: 'wrong'; readonly cause: ProtocolCause };

/** As far as the head goes in what has come: `end` is where the body begins. */
export type FoundHead =
  | { readonly kind: 'whole'; readonly head: AnswerHead; readonly end: number }
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'wrong'; readonly cause: ProtocolCause };

const HEAD_END = Buffer.from('\r\n\r\n');
const MOST_HEAD_BYTES = 64 * 1024;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: (.*))?$/;
/** A name that is a token with its colon right behind it, as section 5.1 wants it. */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~\dA-Za-z]+):[ \t]*(.*?)[ \t]*$/;
/** What splits a head differently for different readers. */
const LONE_CONTROL = /[\0\r\n]/;
const UNFINISHED: FoundHead = { kind: 'unfinished' };

/** Many clients get the same head within a second: the last one is kept. */
let lastText = '';
let lastHead: AnswerHead | undefined;

/** Finds and reads the head at the start of `data`. */
export function findHead(data: Buffer): FoundHead {
  const textEnd = data.indexOf(HEAD_END);
  if (textEnd < 0 && data.length <= MOST_HEAD_BYTES) return UNFINISHED;
  if (textEnd < 0 || textEnd > MOST_HEAD_BYTES) return { kind: 'wrong', cause: 'endless-head' };
  const text = data.toString('latin1', 0, textEnd);
  if (text !== lastText || lastHead === undefined) {
    lastHead = parseHead(text);
    lastText = text;
  }
  if (lastHead === undefined) return { kind: 'wrong', cause: 'malformed-head' };
  return { kind: 'whole', head: lastHead, end: textEnd + HEAD_END.length };
}

function parseHead(text: string): AnswerHead | undefined {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(statusLine);
  if (status === null || LONE_CONTROL.test(text.replaceAll('\r\n', ''))) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  const framing = framingOf(Number(status[2]), fields);
  return {
    status: Number(status[2]),
    reason: status[3] ?? '',
    fields,
    framing,
    isPersistent: framing.kind !== 'close' && staysOpen(fields, status[1] === '0'),
  };
}

/** Answers that have no body whatever their head says. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

function framingOf(status: number, fields: Fields): Framing {
  if (BODILESS.has(status)) return { kind: 'length', bytes: 0 };
  const coding = fields.get('transfer-encoding')?.toLowerCase();
  const length = fields.get('content-length');
  if (coding !== undefined) {
    // With a length besides, two readers could see two bodies.
    const isChunked = coding === 'chunked' && length === undefined;
    return isChunked ? { kind: 'chunks' } : { kind: 'wrong', cause: 'transfer-encoding' };
  }
  if (length === undefined) return { kind: 'close' };
  // One that was sent twice is joined by a comma.
  const [first = '', ...others] = length.split(',').map((one) => one.trim());
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first))
    return { kind: 'wrong', cause: 'content-length' };
  return { kind: 'length', bytes: Number(first) };
}

function staysOpen(fields: Fields, isOld: boolean): boolean {
  if (hasToken(fields, 'connection', 'close')) return false;
  return !isOld || hasToken(fields, 'connection', 'keep-alive');
}

/** Whether a field that is a list, such as Connection, has the token. */
export function hasToken(fields: Fields, name: string, token: string): boolean {
  const tokens = fields.get(name)?.toLowerCase().split(',') ?? [];
  return tokens.some((one) => one.trim() === token);
}
