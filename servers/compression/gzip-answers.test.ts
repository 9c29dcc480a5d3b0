import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { acceptsGzip, GzipAnswers } from './gzip-answers.ts';

describe('an answer', () => {
  const answers = new GzipAnswers();

  test('is compressed once, whoever asks', async () => {
    const body = Buffer.from('x'.repeat(1000));
    const [one, other] = await Promise.all([answers.of(body), answers.of(body)]);
    expect(one).toBe(other);
    expect(gunzipSync(one ?? Buffer.alloc(0))).toEqual(body);
  });

  test.each([
    ['nothing new', Buffer.from('[]')],
    ['what does not shrink', randomBytes(1000)],
    ['what shrinks by less than it costs to say so', Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(2))],
  ])('stays as it is where that is smaller: %s', async (_name, body) => {
    expect(await answers.of(body)).toBeUndefined();
  });

  test('is compressed where it is smaller by a byte, with what has to be said of it', async () => {
    const sizes = await Promise.all(
      Array.from({ length: 200 }, async (_, length) => {
        const body = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(9).slice(0, length));
        const small = await answers.of(body);
        return small === undefined ? 0 : body.length - small.length;
      }),
    );
    const gains = sizes.filter((gain) => gain > 0);
    expect(Math.min(...gains)).toBe('content-encoding: gzip\r\n'.length + 1);
  });
});

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
});
