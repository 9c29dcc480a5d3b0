import { printable } from './printable.ts';

/**
 * Why a session ended that nobody had told to: a value with a stable code, so that the ends of many sessions, processes and
 * generators can be counted. `text` is what the peer or the system said of it; ends that differ in it alone are one.
 */
export type SessionEnd =
  /** No connection came about; `system` is the operating system's code. */
  | { readonly code: 'unreachable'; readonly system: string }
  /** The connection broke; `system` is the operating system's code. */
  | { readonly code: 'connection-lost'; readonly system: string }
  /** The server closed the connection without a word. */
  | { readonly code: 'connection-closed' }
  /** An answer that is no feed. */
  | { readonly code: 'http-status'; readonly status: number; readonly text?: string | undefined }
  /** A close frame; 1005 where it carried no code (RFC 6455, section 7.1.5). */
  | { readonly code: 'websocket-close'; readonly closeCode: number; readonly text?: string | undefined }
  /** A packet of Socket.IO: the session is closed, the client disconnected from the namespace, or never let in. */
  | {
      readonly code: 'socketio-packet';
      readonly packet: SocketIoEnd;
      /** That of a refusal, where the server says one: the code with which a WebSocket would be closed. */
      readonly refusalCode?: number | undefined;
      readonly text?: string | undefined;
    }
  /** The server did what its protocol forbids, or what the client cannot read. */
  | { readonly code: 'protocol'; readonly cause: ProtocolCause; readonly text?: string | undefined }
  /** No answer within the time a client waits. */
  | { readonly code: 'silent' }
  /** The client's own end of the connection is gone, because the workload has it cut. */
  | { readonly code: 'cut' }
  /** A generator's own words, where they fit none of the others. */
  | { readonly code: 'other'; readonly text?: string | undefined };

/** What a server can do against its protocol, in words that follow "the server broke the protocol:". */
const PROTOCOL_CAUSES = {
  'malformed-head': 'an answer whose head is malformed',
  'endless-head': 'an answer whose head does not end',
  'unasked-answer': 'more than was asked for',
  'content-length': 'a Content-Length that says nothing',
  'transfer-encoding': 'a transfer encoding that cannot be read',
  'content-type': 'an answer that is no event stream',
  'content-encoding': 'a body that is compressed, but not as was asked for',
  gzip: 'a compressed body that cannot be read',
  chunk: 'a malformed chunk',
  'large-body': 'an answer that is too large',
  'switched-protocols': 'a switch to another protocol that nobody asked for',
  upgrade: 'an upgrade to something else than websocket',
  connection: 'an answer without Connection: Upgrade',
  accept: 'a wrong Sec-WebSocket-Accept',
  subprotocol: 'a subprotocol that was not asked for, or none',
  extension: 'another extension than was asked for, or none',
  'reserved-bits': 'a frame with reserved bits',
  masked: 'a frame with a mask',
  opcode: 'a frame with an unknown opcode',
  continuation: 'a continuation of nothing',
  interleaved: 'a new message inside a fragmented one',
  'control-frame': 'a control frame that is fragmented or too long',
  'close-code': 'a close with a code that may not be sent',
  deflate: 'a compressed message that cannot be read',
  'frame-kind': 'text where binary frames were agreed on, or the other way round',
  utf8: 'text that is not UTF-8',
  fragments: 'a message in too many fragments',
  'large-message': 'a message that is too large',
  packet: 'a malformed packet',
  'packet-order': 'a packet out of order',
  answer: 'an answer that says nothing of what was said',
  'no-upgrade': 'a session that cannot be upgraded',
} as const;

export type ProtocolCause = keyof typeof PROTOCOL_CAUSES;
export const PROTOCOL_CAUSE_IDS = Object.keys(PROTOCOL_CAUSES) as [ProtocolCause, ...ProtocolCause[]];

/** The packets with which a server of Socket.IO ends a session, in words that follow "the server". */
const SOCKETIO_ENDS = {
  close: 'closed the session',
  disconnect: 'disconnected the client',
  'connect-error': 'refused the client',
} as const;

type SocketIoEnd = keyof typeof SOCKETIO_ENDS;
export const SOCKETIO_END_IDS = Object.keys(SOCKETIO_ENDS) as [SocketIoEnd, ...SocketIoEnd[]];

/** Of a text that a peer may make as long as it likes, so much is kept. */
const MOST_TEXT = 200;

/** A status line that ends a session. */
export function statusEnd(status: number, reason: string): SessionEnd {
  return { code: 'http-status', status, text: reason.slice(0, MOST_TEXT) };
}

/** A client of Socket.IO that is not let in. */
export function refusedEnd(message: string, refusalCode?: number): SessionEnd {
  const text = message.slice(0, MOST_TEXT);
  return { code: 'socketio-packet', packet: 'connect-error', ...(refusalCode !== undefined && { refusalCode }), text };
}

/** What fits no other end, in the words that came. */
export function otherEnd(words: string): SessionEnd {
  return words === '' ? { code: 'other' } : { code: 'other', text: words.slice(0, MOST_TEXT) };
}

/** So many sessions that ended in one way. */
export interface CountedEnd {
  readonly end: SessionEnd;
  readonly count: number;
}

/** What the end is, as a clause: `the server closed with 1008 (too slow)`. */
export function endInWords(end: SessionEnd): string {
  switch (end.code) {
    case 'unreachable':
      return `the server cannot be reached (${end.system})`;
    case 'connection-lost':
      return `the connection was lost (${end.system})`;
    case 'connection-closed':
      return 'the server closed the connection';
    case 'http-status':
      return `the server answered ${end.status}${said(end.text, ' ', '')}`;
    case 'websocket-close':
      return `the server closed with ${end.closeCode}${said(end.text, ' (', ')')}`;
    case 'socketio-packet':
      return `the server ${SOCKETIO_ENDS[end.packet]}${codeOf(end.refusalCode)}${said(end.text, ' (', ')')}`;
    case 'protocol':
      return `the server broke the protocol: ${PROTOCOL_CAUSES[end.cause]}${said(end.text, ' (', ')')}`;
    case 'silent':
      return 'the server did not answer in time';
    case 'cut':
      return 'the connection was cut, as the workload has it';
    case 'other':
      return end.text === undefined ? 'for a reason that was not told' : printable(end.text);
    default:
      return end satisfies never;
  }
}

function codeOf(refusalCode: number | undefined): string {
  return refusalCode === undefined ? '' : ` with ${refusalCode}`;
}

function said(text: string | undefined, before: string, after: string): string {
  return text === undefined || text === '' ? '' : `${before}${printable(text)}${after}`;
}

/** The same of so many sessions: `12 sessions ended: …`. */
export function countedEndInWords({ end, count }: CountedEnd): string {
  return count === 1 ? `a session ended: ${endInWords(end)}` : `${count} sessions ended: ${endInWords(end)}`;
}

/** Ends of one way are added up, the way that happened most often first. Of their texts one stays, whatever their order. */
export function mergeEnds(ends: readonly CountedEnd[]): readonly CountedEnd[] {
  const byWay = new Map<string, CountedEnd>();
  for (const one of ends) {
    const way = wayOf(one.end);
    const before = byWay.get(way);
    byWay.set(way, before === undefined ? one : added(before, one));
  }
  return [...byWay]
    .toSorted(([left, a], [right, b]) => b.count - a.count || compare(left, right))
    .map(([, one]) => one);
}

function added(left: CountedEnd, right: CountedEnd): CountedEnd {
  const [first, second] = [textOf(left.end), textOf(right.end)];
  return { end: compare(first, second) <= 0 ? left.end : right.end, count: left.count + right.count };
}

function wayOf(end: SessionEnd): string {
  return Object.entries(end)
    .filter(([field]) => field !== 'text')
    .map(([, value]) => value)
    .join(' ');
}

function textOf(end: SessionEnd): string {
  return 'text' in end ? (end.text ?? '') : '';
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
