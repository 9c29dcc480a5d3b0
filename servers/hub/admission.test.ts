import { expect, test } from 'vitest';
import { REFUSALS } from './admission.ts';

test('who shows no token is told another thing than who shows a bad one', () => {
  expect(REFUSALS['no-token']).toMatchObject({ status: 401, closeCode: 4002 });
  for (const id of ['bad-token', 'expired-token'] as const)
    expect(REFUSALS[id]).toMatchObject({ status: 401, closeCode: 4001 });
});
