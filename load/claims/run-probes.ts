import type { ProbeFigureKey, ProbeId } from '../../scenarios/claims/figures.ts';
import { Failure } from '../../scenarios/failures.ts';
import { openScratch } from '../machine/scratch.ts';
import { PROBES } from './probes.ts';

/** More than ten times what the longest takes: on a machine that is that busy it would say nothing. */
const PATIENCE_MS = 90_000;

/** What a probe came to. */
export type Probed =
  | { readonly kind: 'measured'; readonly figures: Readonly<Partial<Record<ProbeFigureKey, readonly number[]>>> }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Undefined where it was stopped before its end. What it has started has ended either way. */
export async function runProbe(
  id: ProbeId,
  { redisUrl, stop }: { readonly redisUrl: string | undefined; readonly stop: AbortSignal },
): Promise<Probed | undefined> {
  const { label, measure } = PROBES[id];
  await using cleanup = new AsyncDisposableStack();
  const end = Promise.withResolvers<undefined>();
  const onStop = (): void => end.resolve(undefined);
  stop.addEventListener('abort', onStop, { once: true });
  cleanup.defer(() => stop.removeEventListener('abort', onStop));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Failure('trial-stalled', `${label}: not measured within ${PATIENCE_MS / 1000} s; run again`));
  }, PATIENCE_MS);
  cleanup.defer(() => clearTimeout(timer));
  if (stop.aborted) return undefined;
  try {
    const measuring = measure({ cleanup, scratch: await openScratch(cleanup), redisUrl });
    // Who waits no longer does not hear of what goes wrong then.
    measuring.catch(() => undefined);
    const figures = await Promise.race([measuring, end.promise, late.promise]);
    return figures === undefined ? undefined : { kind: 'measured', figures: keyed(id, figures) };
  } catch (error) {
    if (error instanceof Failure) return { kind: 'failed', failure: error };
    throw error;
  }
}

function keyed(
  id: ProbeId,
  figures: Readonly<Record<string, readonly number[]>>,
): Extract<Probed, { kind: 'measured' }>['figures'] {
  return Object.fromEntries(Object.entries(figures).map(([name, values]) => [`${id}.${name}`, values]));
}
