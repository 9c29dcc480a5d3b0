import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownAddress } from './redis-address.ts';

test.each([
  ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
  ['redis://localhost', 'redis://localhost'],
  ['redis://localhost/', 'redis://localhost'],
  ['redis://[::1]:7791/2', 'redis://[::1]:7791/2'],
  ['rediss://redis.example.org:6380/0', 'rediss://redis.example.org:6380/0'],
  ['redis://:s3cret@127.0.0.1:1', 'redis://127.0.0.1:1'],
  ['redis://ann:s3cret@[::1]:1/3', 'redis://[::1]:1/3'],
  ['redis://:s3%40%2F%3A%25cret@h:1', 'redis://h:1'],
  ['redis://:s3@cr:et@h:1', 'redis://h:1'],
  ['redis://h:1?password=s3cret', 'redis://h:1'],
])('%s is shown as %s', (address, shown) => {
  expect(shownAddress(address)).toBe(shown);
});

test.each([
  '',
  'localhost',
  'http://h',
  'redis://',
  'redis://h:99999',
  'redis://s3/cret@h:6379',
  'redis://12/34@h:6379',
  'redis://u:12/3@h',
  'redis://u:12?s3cret@h',
  'redis://u:12#s3cret@h',
  'redis://h/1#s3cret',
  'redis://:50%off@h',
  'redis://h/three',
  ' redis://:s3cret@h',
  'redis://:s3cret@h\n',
  'redis://:s3cret@h ',
  're\tdis://:s3cret@h',
  'redis://:s3\ncret@h',
  'redis:\\\\:s3cret@h',
  'REDISS://:s3cret@h',
])('%j is refused without a word of it', (address) => {
  expect(() => shownAddress(address)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  expect(() => shownAddress(address)).toThrow(/^REDIS_URL is no address of Redis: write it as [^"]*$/);
  expect(() => shownAddress(address)).not.toThrow(/s3|cret|off@|12[/:?#3]|h\/1/);
});

const secrets = fc.string({ unit: 'grapheme', minLength: 3 }).map((text) => `s3cr${text}t`);

test('a secret that is encoded is never shown, whatever it is made of', () => {
  fc.assert(
    fc.property(secrets, (secret) => {
      const shown = shownAddress(`redis://ann:${encodeURIComponent(secret)}@127.0.0.1:6379/3`);
      expect(shown).toBe('redis://127.0.0.1:6379/3');
    }),
  );
});

test('a secret that is not encoded is never shown either, whatever is taken for it', () => {
  fc.assert(
    fc.property(secrets, (secret) => {
      const said = shownOrRefused(`redis://ann:${secret}@127.0.0.1:6379/3`);
      expect(said).not.toMatch(/s3cr|ann/);
    }),
  );
});

function shownOrRefused(address: string): string {
  try {
    return shownAddress(address);
  } catch (error) {
    return String(error);
  }
}
