import { expect, test } from 'vitest';
import { Failure } from '../../scenarios/failures.ts';
import { rampFailure } from './ramp-failure.ts';

const LATE = new Failure('ramp-failed', 'the clients did not all connect in time; try fewer');

test('where a link was asked for, it is named as the likely cause', () => {
  expect(rampFailure(LATE, { loss: 0.5, delayNs: 5e9, balancer: 'nginx' })).toMatchObject({
    code: 'ramp-failed',
    message:
      'the clients did not all connect in time; try fewer; the link is the likely cause (--delay 5s --loss 50%): try a better one',
  });
  expect(rampFailure(LATE, { link: 'mobile' })).toMatchObject({
    message: expect.stringContaining('(--link mobile)') as string,
  });
});

test('without a link, and where something else went wrong, it is as it was', () => {
  const died = new Failure('process-died', 'node 1 ended by itself');
  expect(rampFailure(LATE, { link: 'none', loss: 0, tls: 'tls1.3' })).toBe(LATE);
  expect(rampFailure(died, { loss: 0.5 })).toBe(died);
});
