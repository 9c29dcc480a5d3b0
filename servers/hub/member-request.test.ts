import { expect, test } from 'vitest';
import type { SessionMember } from '../transport.ts';
import { memberRequest } from './member-request.ts';

const ann: SessionMember = { user: 'ann', token: 'a.b.c', channels: ['room:1', 'room:2'] };
const profile = ['User-Agent: x', 'Cookie: session=1'];

function shown(auth: 'none' | 'url' | 'message' | 'header' | 'cookie'): unknown[] {
  const request = memberRequest(ann, auth);
  return [request.query, request.headers(profile), request.says];
}

test('a client that is nobody adds nothing', () => {
  const request = memberRequest(undefined, 'url');
  expect([request.query, request.headers(profile), request.says]).toEqual(['', profile, undefined]);
});

test('a token stands in one place, and a name where there is none', () => {
  const channels = '&channels=room:1,room:2';
  expect(shown('none')).toEqual([`${channels}&user=ann`, profile, undefined]);
  expect(shown('url')).toEqual([`${channels}&token=a.b.c`, profile, undefined]);
  expect(shown('message')).toEqual([channels, profile, 'a.b.c']);
  expect(shown('header')).toEqual([channels, [...profile, 'Authorization: Bearer a.b.c'], undefined]);
  expect(shown('cookie')).toEqual([channels, [profile[0], 'Cookie: session=1; feedbench_token=a.b.c'], undefined]);
});

test('who it is stands by itself too, for a request that follows nothing', () => {
  expect((['none', 'url', 'message', 'header'] as const).map((auth) => memberRequest(ann, auth).who)).toEqual([
    '&user=ann',
    '&token=a.b.c',
    '',
    '',
  ]);
  expect(memberRequest(undefined, 'none').who).toBe('');
});

test('a profile without cookies gets one', () => {
  expect(memberRequest(ann, 'cookie').headers([])).toEqual(['Cookie: feedbench_token=a.b.c']);
});
