import { type BackplaneId, backplaneRow, BACKPLANES } from '../servers/backplanes.ts';
import { requireRedis } from '../load/fleet/redis-server.ts';
import { type GeneratorId, generatorRow } from '../load/registry.ts';
import { findProgram } from '../load/machine/programs.ts';
import { complain } from './terminal.ts';

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
