import { otherEnd, type SessionEnd } from '../../scenarios/session-end.ts';

/** How Go's network library says what the operating system calls by a code. */
const SYSTEM_CODES: readonly (readonly [words: string, system: string])[] = [
  ['connection refused', 'ECONNREFUSED'],
  ['connection reset by peer', 'ECONNRESET'],
  ['broken pipe', 'EPIPE'],
  ['no route to host', 'EHOSTUNREACH'],
  ['network is unreachable', 'ENETUNREACH'],
  ['cannot assign requested address', 'EADDRNOTAVAIL'],
  ['too many open files', 'EMFILE'],
  ['i/o timeout', 'ETIMEDOUT'],
  ['connection timed out', 'ETIMEDOUT'],
];

/** What k6 says of a request or a connection, as the value that every generator uses. */
export function endOf(words: string): SessionEnd {
  if (words.includes('request timeout')) return { code: 'silent' };
  const system = SYSTEM_CODES.find(([known]) => words.includes(known))?.[1];
  if (system !== undefined) return { code: words.includes('dial ') ? 'unreachable' : 'connection-lost', system };
  if (words.endsWith('EOF')) return { code: 'connection-closed' };
  return otherEnd(words);
}

/** No close frame came: gorilla's name for the end of the stream. */
const ABNORMAL_CLOSURE = 1006;

/** The close event carries code and reason where a close frame came; `words` are those of the error before it. */
export function endOfSocket(event: object, words: string): SessionEnd {
  const code = 'code' in event && typeof event.code === 'number' ? event.code : ABNORMAL_CLOSURE;
  const reason = 'reason' in event && typeof event.reason === 'string' ? event.reason : '';
  if (code === ABNORMAL_CLOSURE) return endOf(words);
  return { code: 'websocket-close', closeCode: code, ...(reason === '' ? {} : { text: reason }) };
}
