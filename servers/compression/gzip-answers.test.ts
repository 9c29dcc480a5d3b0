import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { GzipAnswers } from './gzip-answers.ts';

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
