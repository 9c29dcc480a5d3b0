import { expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Guard } from './guard.ts';

const LIMIT = { ms: 50, code: 'trial-stalled', message: 'nothing came' } as const;

async function never(): Promise<void> {
  await Promise.withResolvers<never>().promise;
}

test('what takes too long ends with what did not happen', async () => {
  await expect(new Guard().wait(never(), LIMIT)).rejects.toMatchObject({ code: 'trial-stalled' });
});

test('trouble ends what is awaited, also where it came before anybody waited', async () => {
  const guard = new Guard();
  guard.report(new Error('first'));
  guard.report(new Error('second'));
  await expect(guard.wait(never(), LIMIT)).rejects.toThrow('first');
});

test('time in which this process stood still is not counted', async () => {
  const came = new Promise<string>((resolve) => {
    setTimeout(() => setTimeout(() => resolve('came'), 20), 20);
  });
  const waiting = new Guard().wait(came, LIMIT);
  const endNs = monotonicNs() + 1.2e9;
  while (monotonicNs() < endNs);
  await expect(waiting).resolves.toBe('came');
});
