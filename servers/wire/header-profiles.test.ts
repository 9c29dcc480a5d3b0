import { expect, test } from 'vitest';
import { HEADER_PROFILES, overTls } from './header-profiles.ts';

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

test('a page that came over TLS says so, and all else as another', () => {
  const profile = overTls(HEADER_PROFILES.browser);
  expect(profile.fetch(HOST)).toContain(`Referer: https://${HOST}/`);
  expect(profile.upgrade(HOST)).toContain(`Origin: https://${HOST}`);
  for (const kind of ['fetch', 'fetchPost', 'events', 'xhr', 'xhrPost', 'upgrade'] as const) {
    const plain = HEADER_PROFILES.browser[kind](HOST);
    expect(profile[kind](HOST)).toEqual(plain.map((line) => line.replaceAll('http://', 'https://')));
  }
});

test('headers of a browser are as large as those of one, and a program sends none', () => {
  const bytes = (headers: readonly string[]): number => headers.join('\r\n').length;
  expect(bytes(HEADER_PROFILES.browser.fetch(HOST))).toBeGreaterThan(500);
  expect(bytes(HEADER_PROFILES.browser.upgrade(HOST))).toBeGreaterThan(300);
  expect([...HEADER_PROFILES.minimal.fetch(), ...HEADER_PROFILES.minimal.upgrade()]).toEqual([]);
});
