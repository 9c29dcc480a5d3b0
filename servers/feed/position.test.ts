import { expect, test } from 'vitest';
import { parseSince, positionIn } from './position.ts';

test.each(['0', '17', '999999999999999'])('%s is a position', (text) => {
  expect(parseSince(text)).toEqual({ kind: 'after', seq: Number(text) });
});

test.each(['', ' 1', '-1', '+1', '1.5', '1e3', '0x10', 'NaN', 'soon', '１', '1234567890123456'])(
  '%j is none',
  (text) => {
    expect(parseSince(text)).toBeUndefined();
  },
);

test('absent it is all that is held, and twice it is none', () => {
  expect(parseSince(undefined)).toEqual({ kind: 'oldest' });
  expect(parseSince(['1', '2'])).toBeUndefined();
});

test.each([
  ['/ws', { kind: 'oldest' }],
  ['/ws?other=1&since=17', { kind: 'after', seq: 17 }],
  ['/ws?s%69nce=17', { kind: 'after', seq: 17 }],
  ['/ws?since=soon', undefined],
  ['/ws?since=1&since=2', undefined],
  ['//', { kind: 'oldest' }],
  [undefined, { kind: 'oldest' }],
])('in the target %j it is %j', (target, position) => {
  expect(positionIn(target)).toEqual(position);
});
