import type { FastifyReply, FastifyRequest } from 'fastify';
import { FEED_CHANNEL, isChannel } from '../../scenarios/feed/channels.ts';
import { type Identity, type Refusal, REFUSALS } from '../hub/admission.ts';
import { channelsOf, credentialsOf } from '../hub/credentials.ts';
import type { Caller, Hub } from '../hub/hub.ts';

/** What a query may say; each may stand there more than once. */
export interface AskedQuery {
  readonly since?: string | string[];
  readonly channels?: string | string[];
  readonly user?: string | string[];
  /** Which of the user's pages asks, for those that poll: one that goes takes no other with it. */
  readonly tab?: string | string[];
}

/** The request of a route whose query may say so. */
export type CallerRequest = FastifyRequest<{ Querystring: AskedQuery }>;

/** Whether somebody follows the feed without a name, at a node that asks for none: nothing has to be found out. */
export function isAnybody(hub: Hub, { user, channels }: AskedQuery): boolean {
  return !hub.wantsTokens && user === undefined && channels === undefined;
}

/** Whether somebody with a name has the feed as anybody has it, the newest of each key if the door is for that: nobody talks. */
export function isListener(hub: Hub, { channels }: Caller): boolean {
  return !hub.talks && channels.has(FEED_CHANNEL);
}

/** Who asks, and what for; or why not. */
export async function callerOf(hub: Hub, request: CallerRequest): Promise<Caller | Refusal> {
  const identity = await identityOf(hub, request);
  if (typeof identity === 'string') return identity;
  const channels = channelsOf(request.raw, identity);
  return typeof channels === 'string' ? channels : { identity, channels, tab: tabOf(request.query) };
}

/** The same of whoever asks for no channels. */
export async function identityOf(hub: Hub, { raw }: Pick<CallerRequest, 'raw'>): Promise<Identity | Refusal> {
  const admission = await hub.admit(credentialsOf(raw));
  return admission.kind === 'refused' ? admission.refusal : admission.identity;
}

export function tabOf({ tab }: AskedQuery): string {
  return typeof tab === 'string' && isChannel(tab) ? tab : '';
}

const INVALID_TOKEN = 'Bearer error="invalid_token"';

export function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, error } = REFUSALS[refusal];
  // RFC 9110, section 15.5.2, and RFC 6750, section 3: no browser asks its user for a password then.
  if (status === 401) reply.header('www-authenticate', refusal === 'no-token' ? 'Bearer' : INVALID_TOKEN);
  return reply.code(status).send({ error });
}
