import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newIdentity } from '../backplane/backplane.ts';
import { judgeShown, stateTag } from './state-tag.ts';

const identity = newIdentity();
const STATE = { identity, seq: 17, oldest: 1, reached: 17 };

describe('a tag', () => {
  test('names feed and number, and from where on the state is whole where it is not from the first', () => {
    expect(stateTag(STATE)).toBe(`"${identity}-17"`);
    expect(stateTag({ ...STATE, oldest: 5 })).toBe(`"${identity}-17.5"`);
  });

  test('is equal for equal states alone', () => {
    const states = fc.record({
      identity: fc.constantFrom(identity, newIdentity()),
      seq: fc.integer({ min: 0, max: 20 }),
      oldest: fc.integer({ min: 1, max: 21 }),
    });
    fc.assert(
      fc.property(states, states, (one, other) => {
        const isSame = one.identity === other.identity && one.seq === other.seq && one.oldest === other.oldest;
        expect(stateTag(one) === stateTag(other)).toBe(isSame);
        expect(judgeShown(stateTag(one), { ...other, reached: other.seq }).kind === 'same').toBe(isSame);
      }),
    );
  });
});

test.each([
  ['the same', stateTag(STATE), 'same'],
  ['the same, weak', `W/${stateTag(STATE)}`, 'same'],
  ['one of several', `"abc", W/${stateTag({ ...STATE, seq: 3 })} , ${stateTag(STATE)}`, 'same'],
  ['whatever there is', ' * ', 'same'],
  ['an earlier one', stateTag({ ...STATE, seq: 16 }), 'earlier'],
  ['the same of a node that lacks something', stateTag({ ...STATE, oldest: 4 }), 'earlier'],
  ['a later one', stateTag({ ...STATE, seq: 18 }), 'void'],
  ['a later one among earlier ones', `${stateTag({ ...STATE, seq: 18 })}, ${stateTag({ ...STATE, seq: 3 })}`, 'void'],
  ['one of another feed', stateTag({ ...STATE, identity: newIdentity() }), 'void'],
  [
    'one of another feed and one of this',
    `${stateTag({ ...STATE, identity: newIdentity() })}, ${stateTag({ ...STATE, seq: 3 })}`,
    'earlier',
  ],
  ['one that is nobody’s', '"abc"', 'earlier'],
  ['no tag at all', `${identity}-17`, 'earlier'],
  ['a comma in a tag', `"a,${identity}-18"`, 'earlier'],
  ['nothing', '', 'earlier'],
])('who shows %s', (_, field, shown) => {
  expect(judgeShown(field, STATE).kind).toBe(shown);
});

test('who has more than was read of what the node has reached goes on with that', () => {
  const read = { ...STATE, reached: 20 };
  const newer = [19, 20, 18].map((seq) => stateTag({ ...STATE, seq }));
  expect(judgeShown(newer.join(', '), read)).toEqual({ kind: 'same', tag: newer[1] });
  expect(judgeShown([...newer, stateTag({ ...STATE, seq: 21 })].join(', '), read).kind).toBe('void');
});
