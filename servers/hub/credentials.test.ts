import { expect, test } from 'vitest';
import { channelsOf, credentialsOf } from './credentials.ts';

const ann = { user: 'ann', expiresAtMs: undefined };
const nobody = { user: undefined, expiresAtMs: undefined };

test('a token is found in the header, in a cookie, in the query, in this order', () => {
  const url = '/ws?since=0&token=q';
  expect(credentialsOf({ url, headers: {} }).token).toBe('q');
  expect(credentialsOf({ url, headers: { cookie: 'a=b; feedbench_token=c' } }).token).toBe('c');
  expect(credentialsOf({ url, headers: { cookie: 'feedbench_token=c', authorization: 'Bearer h' } }).token).toBe('h');
  expect(credentialsOf({ url: '/ws', headers: { authorization: 'Basic h' } }).token).toBeUndefined();
  expect(credentialsOf({ url: '/ws?token=a&token=b', headers: {} }).token).toBeUndefined();
});

test('without channels a client follows the feed, with them those, and its own in any case', () => {
  const of = (query: string, identity: typeof ann | typeof nobody): unknown => {
    const channels = channelsOf({ url: `/ws?${query}`, headers: {} }, identity);
    return typeof channels === 'string' ? channels : [...channels];
  };
  expect(of('since=0', nobody)).toEqual(['feed']);
  expect(of('since=0', ann)).toEqual(['feed', 'user:ann']);
  expect(of('channels=room:1,room:2', ann)).toEqual(['room:1', 'room:2', 'user:ann']);
  expect(of('channels=', ann)).toEqual(['user:ann']);
  expect(of('channels=user:ben', ann)).toBe('forbidden-channel');
  expect(of('channels=user:ann', nobody)).toBe('forbidden-channel');
  expect(of('channels=a%20b', ann)).toBe('bad-channels');
  expect(of('channels=a&channels=b', ann)).toBe('bad-channels');
  expect(of(`channels=${Array.from({ length: 65 }, (_, index) => `r${index}`).join(',')}`, ann)).toBe('bad-channels');
});
