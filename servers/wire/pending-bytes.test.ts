import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PendingBytes } from './pending-bytes.ts';

test('nothing is lost or changed, however much is kept each time and though chunks are overwritten', () => {
  const step = fc.record({
    chunk: fc.uint8Array({ maxLength: 50 }),
    taken: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const pending = new PendingBytes();
      const taken: Buffer[] = [];
      let rest = Buffer.alloc(0);
      for (const { chunk, taken: share } of steps) {
        const shared = Buffer.from(chunk);
        const joined = pending.join(shared);
        const position = Math.floor(share * joined.length);
        taken.push(Buffer.from(joined.subarray(0, position)));
        rest = Buffer.from(joined.subarray(position));
        pending.keep(joined, position);
        expect(pending).toHaveLength(rest.length);
        shared.fill(0);
      }
      expect(Buffer.concat([...taken, rest])).toEqual(Buffer.concat(steps.map(({ chunk }) => chunk)));
    }),
  );
});

test('what comes in many chunks is moved a few times, not once a chunk', () => {
  const pending = new PendingBytes();
  const places = new Set<ArrayBufferLike>();
  const chunk = Buffer.alloc(1000);
  for (let count = 0; count < 1000; count++) {
    const joined = pending.join(chunk);
    places.add(joined.buffer);
    pending.keep(joined, 0);
  }
  // A buffer that doubles from 1 kB to 1 MB does so ten times.
  expect(places.size).toBeLessThan(15);
});
