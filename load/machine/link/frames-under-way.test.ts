import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FramesUnderWay } from './frames-under-way.ts';

const CAPACITY = 16;

function write(frames: FramesUnderWay, mark: number, dueNs: number): boolean {
  const { room } = frames;
  if (room === undefined) return false;
  room.writeUInt32LE(mark);
  frames.add(4, dueNs);
  return true;
}

interface Frame {
  readonly mark: number;
  readonly dueNs: number;
}

/** What came out of each step, and what a list that is sorted anew each time gives. */
function playBoth(steps: readonly (number | 'take')[]): { seen: unknown[]; expected: unknown[] } {
  const frames = new FramesUnderWay(CAPACITY, 8);
  const model: Frame[] = [];
  const seen: unknown[] = [];
  const expected: unknown[] = [];
  for (const [mark, step] of steps.entries()) {
    const [first] = model.toSorted((a, b) => a.dueNs - b.dueNs || a.mark - b.mark);
    seen.push([frames.count, frames.firstDueNs]);
    expected.push([model.length, first?.dueNs ?? Number.POSITIVE_INFINITY]);
    if (step !== 'take') {
      seen.push(write(frames, mark, step));
      expected.push(model.length < CAPACITY);
      if (model.length < CAPACITY) model.push({ mark, dueNs: step });
    } else if (first !== undefined) {
      const { bytes, length } = frames.take();
      seen.push([bytes.readUInt32LE(), length]);
      expected.push([first.mark, 4]);
      model.splice(model.indexOf(first), 1);
    }
  }
  return { seen, expected };
}

test('frames come out when they are due, those due at once in their turn, with their own bytes', () => {
  const steps = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.constant('take' as const)), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      const { seen, expected } = playBoth(all);
      expect(seen).toEqual(expected);
    }),
  );
});

test('there is room for as many as it holds, and what is taken makes room', () => {
  const frames = new FramesUnderWay(2, 8);
  expect([write(frames, 1, 5), write(frames, 2, 5), write(frames, 3, 5)]).toEqual([true, true, false]);
  expect(() => frames.add(4, 5)).toThrow(RangeError);
  frames.take();
  expect(write(frames, 4, 1)).toBe(true);
  expect(frames.take().bytes.readUInt32LE()).toBe(4);
  frames.take();
  expect(() => frames.take()).toThrow(RangeError);
});
