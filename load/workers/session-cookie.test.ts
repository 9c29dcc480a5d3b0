import { expect, test } from 'vitest';
import { headerProfile } from '../../servers/registry.ts';
import { withSession } from './session-cookie.ts';

const HOST = '127.0.0.1:3001';

function cookies(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('Cookie: '));
}

test("a browser's session is another for each client, in a request of the same length", () => {
  const browser = headerProfile('browser');
  for (const kind of ['fetch', 'fetchPost', 'events', 'xhr', 'xhrPost', 'upgrade'] as const) {
    const [one = '', ...others] = cookies(withSession(browser, 1)[kind](HOST));
    const [other = ''] = cookies(withSession(browser, 40_000)[kind](HOST));
    const [usual = ''] = cookies(browser[kind](HOST));
    expect(others).toEqual([]);
    expect(one).not.toBe(other);
    expect(one).toHaveLength(usual.length);
    expect(other).toHaveLength(usual.length);
    expect(one.replace(/s%3A.{8}/, '')).toBe(usual.replace(/s%3A.{8}/, ''));
  }
});

test('who sends nothing but what is needed needs that too', () => {
  expect(withSession(headerProfile('minimal'), 35).xhr(HOST)).toEqual(['Cookie: session=0000000z']);
});
