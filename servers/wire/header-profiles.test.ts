import { expect, test } from 'vitest';
import { HEADER_PROFILES } from './header-profiles.ts';

const HOST = '198.18.0.2:3001';

test.each(['fetch', 'fetchPost', 'events', 'xhr', 'xhrPost', 'upgrade'] as const)(
  'a browser says of itself what it says in a %s, each header whole and once',
  (what) => {
    const headers = HEADER_PROFILES.browser[what](HOST);
    for (const header of headers) expect(header).toMatch(/^[A-Za-z][\w-]*: \S.*\S$/);
    const names = headers.map((header) => header.slice(0, header.indexOf(':')).toLowerCase());
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['user-agent', 'accept-encoding', 'accept-language', 'cookie']));
  },
);

test('a fetch names the page it comes from, an upgrade its origin', () => {
  expect(HEADER_PROFILES.browser.fetch(HOST)).toContain(`Referer: http://${HOST}/`);
  expect(HEADER_PROFILES.browser.upgrade(HOST)).toContain(`Origin: http://${HOST}`);
});

test('headers of a browser are as large as those of one, and a program sends none', () => {
  const bytes = (headers: readonly string[]): number => headers.join('\r\n').length;
  expect(bytes(HEADER_PROFILES.browser.fetch(HOST))).toBeGreaterThan(500);
  expect(bytes(HEADER_PROFILES.browser.upgrade(HOST))).toBeGreaterThan(300);
  expect([...HEADER_PROFILES.minimal.fetch(), ...HEADER_PROFILES.minimal.upgrade()]).toEqual([]);
});
