import { flushCompileCache } from 'node:module';
import { createConnection } from 'node:net';
import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import type { Target } from '../generator.ts';
import { oneWayDelayNs as delayOf } from './one-way-delay.ts';

/**
 * Measures the one-way delay d from the client host: half the median time of a TCP connect, one after the other on a
 * quiet link. The kernels answer a SYN by themselves, so no server program is in this figure. A process of its own, so
 * that it is the same for every generator and no part of what connecting costs.
 */
export type DelayProbeCommand = { readonly kind: 'measure'; readonly target: Target };
export type DelayProbeReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'measured'; readonly oneWayDelayNs: number }
  | { readonly kind: 'failed'; readonly message: string };

const PROBES = 21;

async function connectTimeNs(target: Target): Promise<number> {
  return new Promise((resolve, reject) => {
    const startNs = monotonicNs();
    const socket = createConnection(target);
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(monotonicNs() - startNs);
      socket.destroy();
    });
  });
}

async function measure(target: Target): Promise<number> {
  const times: number[] = [];
  for (let probe = 0; probe < PROBES; probe++) times.push(await connectTimeNs(target));
  return delayOf(times);
}

function tell(report: DelayProbeReport): void {
  process.send?.(report);
}

process.on('message', ({ target }: DelayProbeCommand) => {
  measure(target).then(
    (oneWayDelayNs) => tell({ kind: 'measured', oneWayDelayNs }),
    (error: unknown) => tell({ kind: 'failed', message: errorMessage(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
flushCompileCache();
