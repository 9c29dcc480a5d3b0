import { expect, test } from 'vitest';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { endOf, endOfSocket } from './told-end.ts';

/** As k6 2.0 says it, each seen against a server that does so. */
test.each<[string, SessionEnd]>([
  [
    'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused',
    { code: 'unreachable', system: 'ECONNREFUSED' },
  ],
  [
    'Get "http://127.0.0.1:80/": read tcp 127.0.0.1:48978->127.0.0.1:80: read: connection reset by peer',
    { code: 'connection-lost', system: 'ECONNRESET' },
  ],
  ['Get "http://127.0.0.1:80/close": EOF', { code: 'connection-closed' }],
  ['Get "http://127.0.0.1:80/hang": request timeout', { code: 'silent' }],
  ['websocket: bad handshake', { code: 'other', text: 'websocket: bad handshake' }],
])('%s', (words, end) => {
  expect(endOf(words)).toEqual(end);
});

test.each<[object, string, SessionEnd]>([
  [
    { code: 1008, reason: 'too slow' },
    'websocket: close 1008 (policy violation): too slow',
    { code: 'websocket-close', closeCode: 1008, text: 'too slow' },
  ],
  [{ code: 1005, reason: '' }, 'websocket: close 1005 (no status)', { code: 'websocket-close', closeCode: 1005 }],
  [
    { code: 1006, reason: 'unexpected EOF' },
    'websocket: close 1006 (abnormal closure): unexpected EOF',
    { code: 'connection-closed' },
  ],
  [
    { reason: '' },
    'dial tcp 127.0.0.1:1: connect: connection refused',
    { code: 'unreachable', system: 'ECONNREFUSED' },
  ],
  [{ reason: '' }, '', { code: 'other' }],
])('the close event %j after "%s"', (event, words, end) => {
  expect(endOfSocket(event, words)).toEqual(end);
});
