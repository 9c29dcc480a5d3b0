import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { Adapter } from './adapter.ts';
import { targetOf } from './links/link.ts';
import type { TargetAddress } from './target-address.ts';
import { within } from './time-limit.ts';

export const EXCHANGES = 50;
const EXCHANGE_MS = 2000;
/** The steps in which a server tells its time, and when it sent a message: what is a multiple of them all is no finer. */
const STEPS_MS = [1000, 1] as const;

/** How far a server's clock was ahead of CLOCK_MONOTONIC, in milliseconds, and how far that may be from the truth. */
export interface ClockReading {
  readonly offsetMs: number;
  readonly boundMs: number;
}

interface Exchange {
  readonly askedMs: number;
  readonly toldMs: number;
  readonly heardMs: number;
}

/**
 * Asks a server for its time 50 times, and goes by the answer that took least (as NTP does: RFC 5905, section 10): it was told at
 * some moment between question and answer, so half of what that took is the bound. A clock that is told in steps is somewhere
 * within a step; that of its messages is taken to be told in whole milliseconds at best. Rejects with `adapter`.
 */
export async function readServerClock(adapter: Adapter, address: TargetAddress): Promise<ClockReading> {
  const exchanges: Exchange[] = [];
  for (let count = 0; count < EXCHANGES; count++) exchanges.push(await exchange(adapter, address));
  return readingOf(exchanges);
}

export function readingOf(exchanges: readonly Exchange[]): ClockReading {
  const best = exchanges.reduce((least, one) => (tripMs(one) < tripMs(least) ? one : least));
  const stepMs = STEPS_MS.find((step) => exchanges.every(({ toldMs }) => toldMs % step === 0)) ?? 0;
  const stampStepMs = Math.max(1, stepMs);
  // What is told in steps is rounded down: times of messages as well, so half a step of theirs is taken off.
  const offsetMs = best.toldMs + stepMs / 2 - (best.askedMs + best.heardMs) / 2 - stampStepMs / 2;
  return { offsetMs, boundMs: tripMs(best) / 2 + stepMs / 2 + stampStepMs / 2 };
}

/** Between two readings the clock may have been anywhere between them: how far they differ is part of the bound. */
export function boundBetween(before: ClockReading, after: ClockReading): { driftMs: number; boundMs: number } {
  const driftMs = after.offsetMs - before.offsetMs;
  return { driftMs, boundMs: Math.max(before.boundMs, after.boundMs) + Math.abs(driftMs) };
}

function tripMs({ askedMs, heardMs }: Exchange): number {
  return heardMs - askedMs;
}

/** It is the user's own: it may throw before there is anything to wait for. */
async function asked(clock: NonNullable<Adapter['clock']>, address: TargetAddress): Promise<number> {
  return clock(targetOf(address));
}

async function exchange({ clock }: Adapter, address: TargetAddress): Promise<Exchange> {
  if (clock === undefined) throw new TypeError('a server without a clock is not asked for its time');
  const askedMs = monotonicNs() / NS_PER_MS;
  const toldMs: unknown = await within(EXCHANGE_MS, asked(clock, address)).catch((error: unknown) => {
    throw new Failure('adapter', `the adapter's "clock" failed: ${errorMessage(error)}; correct it`, { cause: error });
  });
  const heardMs = monotonicNs() / NS_PER_MS;
  if (toldMs === 'late')
    throw new Failure(
      'adapter',
      `the adapter's "clock" took more than ${EXCHANGE_MS / 1000} s; leave it out, or correct it`,
    );
  if (typeof toldMs === 'number' && Number.isFinite(toldMs)) return { askedMs, toldMs, heardMs };
  throw new Failure(
    'adapter',
    `the adapter's "clock" returned ${String(toldMs)}, and no milliseconds since 1970; correct it`,
  );
}
