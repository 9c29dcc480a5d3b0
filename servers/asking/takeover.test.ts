import { expect, test } from 'vitest';
import { Takeover } from './takeover.ts';

/** Remembers what became of its streams, which are numbered in the order in which they were asked for. */
function stand() {
  const told: string[] = [];
  let asked = 0;
  let wanted = 0;
  const takeover = new Takeover({
    ask: () => {
      wanted = 0;
      asked += 1;
      const name = asked;
      told.push(`asked ${name}`);
      return { close: () => told.push(`closed ${name}`) };
    },
    isWanted: () => wanted > 0,
    opened: () => told.push('opened'),
    reopened: () => told.push('reopened'),
    letGo: () => told.push('let go'),
  });
  return {
    takeover,
    told,
    want: () => {
      wanted += 1;
      takeover.askAnew();
    },
  };
}

test('the old one is let go of when the new one stands', () => {
  const { takeover, told, want } = stand();
  takeover.stand();
  want();
  expect(told).toEqual(['asked 1', 'opened', 'asked 2']);
  expect(takeover.before).toBeDefined();
  takeover.stand();
  expect(told.slice(3)).toEqual(['closed 1', 'let go', 'reopened']);
  expect(takeover.before).toBeUndefined();
});

test('while one is on its way another is not asked for, but once when it stands', () => {
  const { takeover, told, want } = stand();
  want();
  want();
  expect(told).toEqual(['asked 1']);
  takeover.stand();
  want();
  want();
  expect(told).toEqual(['asked 1', 'opened', 'asked 2']);
  takeover.stand();
  expect(told.slice(3)).toEqual(['closed 1', 'let go', 'reopened', 'asked 3']);
});

test('once it is closed nothing is asked for, and all is closed', () => {
  const { takeover, told, want } = stand();
  takeover.stand();
  want();
  takeover.close();
  takeover.stand();
  want();
  expect(told.slice(3)).toEqual(['closed 2', 'closed 1']);
});
