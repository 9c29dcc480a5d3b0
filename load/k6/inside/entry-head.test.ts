import { expect, test } from 'vitest';
import { encodeBody, encodeMessage, encodeNotice, HeaderReader } from '../../../scenarios/feed/message.ts';
import { parseNotice, readHead } from './entry-head.ts';

test('a head is read as the native reader reads it', () => {
  const entry = encodeMessage(17, encodeBody(5_123_456_789_012, 5_123_456_812_345, '{"symbol":"ACME"}'));
  const native = new HeaderReader();
  native.read(entry);
  const figures: number[] = [];
  expect(readHead(entry.toString(), figures)).toBe(17);
  expect(figures).toEqual([native.seq, native.dueNs, native.publishedNs]);
});

test.each([
  '',
  '[]',
  '{"seq":x,"dueNs":1,"publishedNs":1,',
  '{"seq":1,"dueNs":x,"publishedNs":1,',
  '{"seq":1,"dueNs":1,"publishedNs":x,',
  '{"seq":1}',
  '{"notice":"reset","latest":3}',
])('%j is no message', (text) => {
  const figures: number[] = [];
  expect(readHead(text, figures)).toBe(0);
  expect(figures).toEqual([]);
});

test('notices are told from what is foreign', () => {
  const gap = { notice: 'gap', from: 3, to: 5 } as const;
  const reset = { notice: 'reset', latest: 2 } as const;
  expect(parseNotice(encodeNotice(gap).toString())).toEqual(gap);
  expect(parseNotice(encodeNotice(reset).toString())).toEqual(reset);
  for (const foreign of ['', 'null', '3', '{"notice":"gap","from":1}', '{"notice":"other"}']) {
    expect(parseNotice(foreign)).toBeUndefined();
  }
});
