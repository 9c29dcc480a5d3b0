import type { ProtocolCause } from '../../scenarios/session-end.ts';

/** The head of an HTTP/1.1 answer (RFC 9112, sections 4 and 5). */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** HTTP/1.0 closes after each answer unless it says otherwise. */
  readonly minorVersion: 0 | 1;
  /** By name in lower case; fields of one name joined by a comma (RFC 9110, section 5.3). */
  readonly fields: ReadonlyMap<string, string>;
}

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
  return {
    status: Number(status[2]),
    reason: status[3] ?? '',
    minorVersion: status[1] === '0' ? 0 : 1,
    fields,
  };
}

/** Whether a field that is a list, such as Connection, has the token. */
export function hasToken({ fields }: AnswerHead, name: string, token: string): boolean {
  const tokens = fields.get(name)?.toLowerCase().split(',') ?? [];
  return tokens.some((one) => one.trim() === token);
}
