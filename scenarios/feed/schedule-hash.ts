import { createHash } from 'node:crypto';
import { payloadData } from './payload.ts';
import type { Payload } from './workload.ts';

/** SHA-256 over every due time and every payload: equal hashes are the same feed. Apart from the schedule, which needs no Node. */
export function scheduleHash(offsetsNs: readonly number[], payload: Payload, seed: number): string {
  const hash = createHash('sha256');
  for (const [index, offset] of offsetsNs.entries()) hash.update(`${offset} ${payloadData(payload, seed, index)}\n`);
  return hash.digest('hex');
}
