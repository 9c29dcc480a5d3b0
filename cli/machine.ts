import type { AskedValues } from '../scenarios/dimensions.ts';
import { Failure } from '../scenarios/failures.ts';
import type { BalancerId } from '../servers/balancers.ts';
import { requireBalancer } from '../load/fleet/balancer.ts';
import { type BackplaneId, backplaneRow, BACKPLANES } from '../servers/backplanes.ts';
import { requireRedis } from '../load/fleet/redis-server.ts';
import { type GeneratorId, generatorRow } from '../load/registry.ts';
import { findProgram } from '../load/machine/programs.ts';
import { complain } from './terminal.ts';

/**
 * What was asked for, without the balancers that are not installed, which is said. Throws `missing-program` where none of them is, and
 * nothing is left to measure.
 */
export function withUsableBalancers(asked: AskedValues): AskedValues {
  const missing = (asked.balancer ?? []).flatMap((id) => {
    const reason = id === 'none' ? undefined : whyMissing(id);
    return reason === undefined ? [] : [{ id, reason }];
  });
  const [first] = missing;
  if (first === undefined) return asked;
  const usable = asked.balancer?.filter((id) => missing.every((one) => one.id !== id)) ?? [];
  if (usable.every((id) => id === 'none')) throw first.reason;
  for (const { reason } of missing) complain(reason.message);
  return { ...asked, balancer: usable };
}

function whyMissing(id: BalancerId): Failure | undefined {
  try {
    requireBalancer(id);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

interface RedisQuestion {
  readonly otherwise: readonly BackplaneId[];
  readonly redisUrl: string | undefined;
  readonly isTried: boolean;
}

/** Without a choice of the user's, what cannot run here is left out, and said. */
export async function usableBackplanes(
  asked: readonly BackplaneId[] | undefined,
  { otherwise, redisUrl, isTried }: RedisQuestion,
): Promise<readonly BackplaneId[]> {
  const wanted = asked ?? otherwise;
  const needRedis = wanted.filter((id) => BACKPLANES[id].needsRedis);
  if (needRedis.length === 0) return wanted;
  if (redisUrl !== undefined) {
    // Better known before a run than in each of its trials.
    for (const id of isTried ? needRedis : []) await backplaneRow(id).tryRedis?.(redisUrl);
    return wanted;
  }
  if (asked !== undefined) requireRedis();
  if (findProgram('redis-server') !== undefined) return wanted;
  complain(
    `no redis-server, so no variants over ${needRedis.join(', ')} (apt-get install redis-server, or set REDIS_URL)`,
  );
  return wanted.filter((id) => !BACKPLANES[id].needsRedis);
}

/** Throws `missing-program` where a generator that was asked for cannot run here: before a trial, not in each of them. */
export async function requireGenerators(asked: Iterable<GeneratorId>): Promise<void> {
  for (const id of asked) await generatorRow(id).program?.find();
}
