import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterMessage, afterNotice } from './resume-point.ts';

const seqs = fc.array(fc.integer({ min: 1, max: 100 }));

test('messages and gaps, in whatever order, take a client to the highest number and never back', () => {
  fc.assert(
    fc.property(seqs, seqs, (messages, gaps) => {
      const told = [...messages, ...gaps];
      const points = told.map((_, index) => {
        const afterMessages = messages.slice(0, index + 1).reduce(afterMessage, 0);
        const passed = gaps.slice(0, Math.max(0, index + 1 - messages.length));
        return passed.reduce((point, to) => afterNotice(point, { notice: 'gap', from: 1, to }), afterMessages);
      });
      expect(points).toEqual(told.map((_, index) => Math.max(...told.slice(0, index + 1))));
    }),
  );
});

test('a feed that begins anew takes a client back', () => {
  expect(afterNotice(900, { notice: 'reset', latest: 3 })).toBe(3);
  expect(afterNotice(0, { notice: 'reset', latest: 3 })).toBe(3);
});
