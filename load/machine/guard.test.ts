import { expect, test } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
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

test('time in which this process stood still is not counted', REAL_TIME, async () => {
  const came = new Promise<string>((resolve) => {
    setTimeout(() => setTimeout(() => resolve('came'), 20), 20);
  });
  const waiting = new Guard().wait(came, LIMIT);
  const endNs = monotonicNs() + 1.2e9;
  while (monotonicNs() < endNs);
  await expect(waiting).resolves.toBe('came');
});

test('a signal ends what is awaited until it is let go, also where it came before', async () => {
  const stop = new AbortController();
  const kept = new Guard();
  kept.endOn(stop.signal)();
  const guard = new Guard();
  guard.endOn(stop.signal);
  const waiting = guard.wait(never(), { ...LIMIT, ms: 60_000 });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  await expect(kept.wait(never(), LIMIT)).rejects.toMatchObject({ code: 'trial-stalled' });
  const late = new Guard();
  late.endOn(stop.signal);
  await expect(late.wait(never(), { ...LIMIT, ms: 60_000 })).rejects.toMatchObject({ code: 'interrupted' });
});
