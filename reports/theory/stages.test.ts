import { expect, test } from 'vitest';
import { stageOfPush, stageOfResidual } from './stages.ts';

const left = (publisherNs: number, backplaneNs: number) => ({ publisherNs, backplaneNs });

test.each([
  ['publisher', 100, left(80, 10)],
  ['backplane', 100, left(10, 80)],
  ['interval', 100, left(10, 20)],
  ['interval', -100, left(10, 20)],
  // More than all of it: what is left over is negative, and larger than either.
  ['interval', -100, left(90, 0)],
])('a residual lies in the %s, where most of it is', (stage, residualNs, leftOut) => {
  expect(stageOfResidual({ residualNs, leftOut }, 'interval')).toBe(stage);
});

test.each([
  ['client', 100, 60],
  ['server', 100, 40],
  ['server', -100, 60],
])('what is left of a push is of the %s', (stage, residualNs, readingNs) => {
  expect(stageOfPush({ residualNs, leftOut: left(0, 0) }, readingNs)).toBe(stage);
});

test('of a push, too, what came before the log goes first', () => {
  expect(stageOfPush({ residualNs: 100, leftOut: left(5, 90) }, 60)).toBe('backplane');
});
