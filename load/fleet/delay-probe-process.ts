import { createSocket } from 'node:dgram';
import { flushCompileCache } from 'node:module';
import { createConnection } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import type { Target } from '../generator.ts';
import { type AskedRates, measureRates, type Place, type Rates } from './packet-train.ts';
import { delaySpreadNs, oneWayDelayNs as delayOf } from './one-way-delay.ts';

/**
 * Measures the one-way delay d from the client host: half the median time of a TCP connect on a quiet link. The kernels
 * answer a SYN by themselves, so no server program is in this figure. A process of its own, so that it is the same for
 * every generator and no part of what connecting costs. Where lines are limited it measures what they carry, too.
 */
export interface DelayProbeCommand {
  readonly kind: 'measure';
  readonly target: Target;
  /** Absent: no line is limited. */
  readonly rates?: { readonly far: Place; readonly asked: AskedRates };
}
export type DelayProbeReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'measured'; readonly oneWayDelayNs: number; readonly spreadNs: number; readonly rates: Rates }
  | { readonly kind: 'failed'; readonly message: string };

const PROBES = 21;
/** One after the other where a connect takes less; on a long link so many wait for their answers at once. */
const MOST_APART_MS = 5;
const UNLIMITED: Rates = { bitsPerSecondDown: null, bitsPerSecondUp: null };

async function connectTimeNs(target: Target): Promise<number> {
  return new Promise((resolve, reject) => {
    const startNs = monotonicNs();
    const socket = createConnection({ host: target.host, port: target.port });
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(monotonicNs() - startNs);
      socket.destroy();
    });
  });
}

async function connectTimesNs(target: Target): Promise<number[]> {
  const times: Promise<number>[] = [];
  for (let probe = 0; probe < PROBES; probe++) {
    const time = connectTimeNs(target);
    times.push(time);
    await Promise.race([time, setTimeout(MOST_APART_MS)]);
  }
  return Promise.all(times);
}

async function measure({ target, rates }: DelayProbeCommand): Promise<Extract<DelayProbeReport, { kind: 'measured' }>> {
  const times = await connectTimesNs(target);
  return {
    kind: 'measured',
    oneWayDelayNs: delayOf(times),
    spreadNs: delaySpreadNs(times),
    rates: rates === undefined ? UNLIMITED : await measured(rates),
  };
}

async function measured({ far, asked }: NonNullable<DelayProbeCommand['rates']>): Promise<Rates> {
  const socket = createSocket('udp4');
  try {
    return await measureRates(socket, far, asked);
  } finally {
    socket.close();
  }
}

function tell(report: DelayProbeReport): void {
  process.send?.(report);
}

process.on('message', (command: DelayProbeCommand) => {
  measure(command).then(tell, (error: unknown) => tell({ kind: 'failed', message: errorMessage(error) }));
});
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
flushCompileCache();
