import { describe, expect, test } from 'vitest';
import { acceptingGzip, acceptsGzip } from './accept-encoding.ts';

describe('Accept-Encoding', () => {
  test.each([
    'gzip',
    'gzip, deflate',
    'deflate, gzip, br, zstd',
    'GZIP;q=0.5',
    'x-gzip',
    '*',
    'identity;q=0, *;q=0.1',
    'gzip; q=1.0',
    'br;q=0,gzip ;q=0.001',
  ])('%j reads it', (field) => {
    expect(acceptsGzip(field)).toBe(true);
  });

  test.each([undefined, '', 'identity', 'deflate, br', 'gzip;q=0', 'gzip; q=0.000', '*;q=0', 'gzip;q=0, *', 'gzipped'])(
    '%j does not',
    (field) => {
      expect(acceptsGzip(field)).toBe(false);
    },
  );

  test('is said once', () => {
    expect(acceptingGzip(['A: b'])).toEqual(['A: b', 'Accept-Encoding: gzip']);
    expect(acceptingGzip(['A: b', 'accept-encoding: gzip, br'])).toEqual(['A: b', 'accept-encoding: gzip, br']);
  });
});
