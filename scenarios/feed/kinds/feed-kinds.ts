import { homeRoom, planConversation } from '../conversation.ts';
import type { Script } from '../script.ts';
import { planDirect } from './direct.ts';
import type { Feed } from './feed-schemas.ts';
import { planRounds, roundsRoom } from './rounds.ts';
import { planStreams } from './streams.ts';

interface FeedKind {
  /** Whether every client is to get every message, or each those of the channels that it follows. */
  readonly to: 'all' | 'channels';
  /** Of `rounds` the feed itself says it. */
  readonly saidBy: 'publisher' | 'clients' | 'nobody' | 'either';
}

const FEED_KINDS = {
  fixed: { to: 'all', saidBy: 'publisher' },
  poisson: { to: 'all', saidBy: 'publisher' },
  conversation: { to: 'channels', saidBy: 'clients' },
  direct: { to: 'channels', saidBy: 'publisher' },
  streams: { to: 'channels', saidBy: 'publisher' },
  rounds: { to: 'channels', saidBy: 'either' },
  none: { to: 'all', saidBy: 'nobody' },
} as const satisfies Record<Feed['kind'], FeedKind>;

type Kinds = typeof FEED_KINDS;
type AddressedKind = { [Kind in keyof Kinds]: Kinds[Kind]['to'] extends 'channels' ? Kind : never }[keyof Kinds];

/** A feed whose messages go to rooms or to single users: what a client must get follows from the script and what it follows. */
export type AddressedFeed = Extract<Feed, { kind: AddressedKind }>;

export function isAddressed(feed: Feed): feed is AddressedFeed {
  return FEED_KINDS[feed.kind].to === 'channels';
}

/** Whether clients say any of the feed themselves. */
export function isSaidByClients(feed: Feed): boolean {
  return feed.kind === 'rounds' ? feed.publisherShare < 1 : FEED_KINDS[feed.kind].saidBy === 'clients';
}

/** Whether clients say all of it, and no publisher has a part in it. */
export function isWithoutPublisher(feed: Feed): boolean {
  return feed.kind === 'rounds' ? feed.publisherShare === 0 : FEED_KINDS[feed.kind].saidBy === 'clients';
}

/** Whether nothing is said at all, so that a trial tells what connections cost that only stand. */
export function isSilent(feed: Feed): boolean {
  return FEED_KINDS[feed.kind].saidBy === 'nobody';
}

/** Whether the feed itself has connections of clients cut, who must come back then. */
export function cutsConnections(feed: Feed): boolean {
  return feed.kind === 'streams' && feed.cut !== undefined && feed.cut.share > 0;
}

/** What a script follows from. */
export interface ScriptOptions {
  readonly feed: AddressedFeed;
  readonly clients: number;
  readonly seed: number;
  readonly durationNs: number;
}

export function scriptOf({ feed, ...options }: ScriptOptions): Script {
  switch (feed.kind) {
    case 'conversation':
      return planConversation({ feed, ...options });
    case 'direct':
      return planDirect({ feed, ...options });
    case 'streams':
      return planStreams({ feed, ...options });
    case 'rounds':
      return planRounds({ feed, ...options });
    default:
      return feed satisfies never;
  }
}

/** The channels that a client follows from start to end, besides its own. */
export function roomsOf(feed: AddressedFeed, client: number): readonly string[] {
  switch (feed.kind) {
    case 'conversation':
      return [homeRoom(feed, client)];
    case 'rounds':
      return [roundsRoom(feed, client)];
    case 'direct':
    case 'streams':
      return [];
    default:
      return feed satisfies never;
  }
}
