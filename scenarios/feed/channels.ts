/**
 * Where a message belongs, and who sent it. A name has letters, digits and `-._~:` alone, so it stands in JSON, in a URL and
 * in a key of Redis as it is. This file imports nothing, so that a generator with a runtime of its own can read it too.
 */
const NAME = /^[A-Za-z0-9._~:-]{1,64}$/;

/** That of every message that names none: what the publisher says, in a feed that all listen to. */
export const FEED_CHANNEL = 'feed';
/** Who came and who left, numbered by the nodes themselves. */
export const PRESENCE_CHANNEL = 'presence';
const USER_PREFIX = 'user:';
const SERVER_PREFIX = 'server:';

/** Clients may say nothing here: the nodes do, or the publisher. */
const OF_NODES: ReadonlySet<string> = new Set([FEED_CHANNEL, PRESENCE_CHANNEL]);

/** The channels that a client may follow besides its own. */
export const MOST_CHANNELS = 64;

export function isChannel(name: string): boolean {
  return NAME.test(name);
}

/** A user's channel is a name too, so that of a user is shorter. */
export function isUser(name: string): boolean {
  return NAME.test(name) && NAME.test(userChannel(name));
}

/** What is said to one user: a direct message, which comes wherever that user is connected. */
export function userChannel(user: string): string {
  return `${USER_PREFIX}${user}`;
}

/** What is said to the server alone, of such a part of it: nobody is expected to follow it. */
export function serverChannel(part: string | number): string {
  return `${SERVER_PREFIX}${part}`;
}

/** Where each message is a thing of its own, and never an older value of the next: direct messages, who came and who left, what is for the server. */
export function keepsAll(channel: string): boolean {
  return OF_NODES.has(channel) || channel.startsWith(USER_PREFIX) || channel.startsWith(SERVER_PREFIX);
}

export function mayFollow(channel: string, user: string | undefined): boolean {
  return !channel.startsWith(USER_PREFIX) || (user !== undefined && channel === userChannel(user));
}

export function maySay(channel: string): boolean {
  return !OF_NODES.has(channel);
}
