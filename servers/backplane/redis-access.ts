import type { Redis } from 'ioredis';
import { Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { shownAddress } from './redis-address.ts';

/** A Redis that takes longer to answer has stopped answering. */
export const ANSWER_WITHIN_MS = 3000;

/** Why a Redis cannot be used, and what to do. Never holds a word of its password. */
export function cannotUse(redisUrl: string, reason: string, cause: unknown): Failure {
  return new Failure('redis-lost', `cannot use Redis at ${shownAddress(redisUrl)}: ${reason}; ${remedy(reason)}`, {
    cause,
  });
}

function remedy(reason: string): string {
  if (/certificate/i.test(reason))
    return 'where the certificate is of an authority of your own, name its file in NODE_EXTRA_CA_CERTS';
  if (/WRONGPASS|NOAUTH|NOPERM|without any password/.test(reason))
    return 'correct user and password in REDIS_URL, or what Redis permits that user';
  if (reason.includes('unknown command')) return 'choose another --backplane, or a newer Redis';
  return 'start it or correct REDIS_URL';
}

/** Selects the database that the address names: ioredis does so too, but goes on with the first one where it is refused. */
export async function selectDatabase(redis: Redis): Promise<void> {
  await redis.select(redis.options.db ?? 0);
}

/** ioredis hears of one error a socket; a second one, as when TLS is cut off while it shakes hands, would end this process. */
export function leave(redis: Redis): void {
  // Before the first connect there is none, whatever its type says.
  const stream: Redis['stream'] | undefined = redis.stream;
  stream?.on('error', () => undefined);
  redis.disconnect();
}

/** Of several addresses that all refused, Node tells in an error without a message of its own. */
export function connectionProblem(error: Error): string {
  return error.message === '' ? (systemErrorCode(error) ?? error.name) : error.message;
}
