import { payloadData } from '../payload.ts';
import type { PlannedFeed } from '../schedule.ts';
import { PUBLISHER, type SaidMessage } from '../script.ts';
import type { Payload } from '../workload.ts';

/** What clients say may be of another kind and size than what a publisher says. */
export function clientsPayload({ feed, payload }: Pick<PlannedFeed, 'feed' | 'payload'>): Payload {
  return feed.kind === 'rounds' ? (feed.clientsPayload ?? payload) : payload;
}

/** The data of a message of an addressed feed. */
export function saidData(
  planned: Pick<PlannedFeed, 'feed' | 'payload' | 'seed'>,
  { index, sender }: Pick<SaidMessage, 'index' | 'sender'>,
): string {
  const payload = sender === PUBLISHER ? planned.payload : clientsPayload(planned);
  return payloadData(payload, planned.seed, index);
}
