import { Redis } from 'ioredis';
import { ANSWER_WITHIN_MS } from './redis-access.ts';

/**
 * What a node has Redis do with a feed: steps that are done whole or not at all. Those that append answer nothing where the
 * feed is another one than that which the node knows, as in a Redis that came back empty. What a node is told and what Redis
 * holds lies in one slot of a cluster.
 */

/**
 * Numbers, keeps and publishes one message, so that every subscriber sees the order of the numbers.
 * A key that is new has its time from the start, after which Redis forgets it; nodes that are there renew it.
 * KEYS: counter, history (a stream whose ids are the sequence numbers), identity; ARGV: identity, channel, history length, time in ms
 * after which Redis forgets the feed, 0: never.
 */
const APPENDING = `
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return false end
local function expire(first, last)
  if ARGV[4] == '0' then return end
  for index = first, last do redis.call('PEXPIRE', KEYS[index], ARGV[4]) end
end
local function append(body)
  local seq = redis.call('INCR', KEYS[1])
  redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[3], seq .. '-0', 'body', body)
  redis.call('PUBLISH', ARGV[2], seq .. ' ' .. body)
  if seq == 1 then expire(1, 2) end
  return seq
end`;

const APPEND = `${APPENDING}
return append(ARGV[5])`;

/**
 * Of so many senders that were heard last the newest n is known: in a hash, and in a sorted set by the number in the log, whose
 * smallest member is the quietest sender.
 * Further KEYS: hash, sorted set; ARGV: sender with channel, senders at most.
 */
const SAYING = `${APPENDING}
local last = tonumber(redis.call('HGET', KEYS[4], ARGV[5]))
local function say(n, body)
  local seq = append(body)
  redis.call('HSET', KEYS[4], ARGV[5], n)
  redis.call('ZADD', KEYS[5], seq, ARGV[5])
  local senders = redis.call('ZCARD', KEYS[5])
  if senders == 1 then expire(4, 5) end
  if senders > tonumber(ARGV[6]) then redis.call('HDEL', KEYS[4], redis.call('ZPOPMIN', KEYS[5])[1]) end
  return seq
end`;

/** Appends what is the next of its sender, and remembers it. Further ARGV: n, body. */
const SAY = `${SAYING}
local n = tonumber(ARGV[7])
if last and n > last + 1 then return {'ahead', last, false} end
if last and n <= last then
  return {'again', last, n == last and tonumber(redis.call('ZSCORE', KEYS[5], ARGV[5]))}
end
return say(ARGV[7], ARGV[8])`;

/**
 * Gives the next number of its sender to what has none, and the message its checksum: over what is before the number with zlib's
 * polynomial, bit by bit over the number, and from there over the rest by what each bit changes in it.
 * Further ARGV: text before n, behind it, CRC-32 of what is before, what ends a message before and behind the checksum, steps
 * (crc-steps.ts).
 */
const SAY_NEXT = `${SAYING}
local n = string.format('%.0f', (last or 0) + 1)
local state = bit.bnot(tonumber(ARGV[9]))
for index = 1, #n do
  state = bit.bxor(state, n:byte(index))
  for _ = 1, 8 do state = bit.bxor(bit.rshift(state, 1), bit.band(state, 1) * 0xedb88320) end
end
local before, crc = bit.bnot(state), tonumber(ARGV[12])
for index = 0, 31 do
  if bit.band(bit.rshift(before, index), 1) == 1 then crc = bit.bxor(crc, tonumber(ARGV[13 + index])) end
end
return say(n, ARGV[7] .. n .. ARGV[8] .. ARGV[10] .. bit.tohex(crc) .. ARGV[11])`;

/** By the clock of Redis, which is one for all nodes. */
const NOW = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end`;

/**
 * A node is known from here on under a name that it has never had, with the users of the name that it had before, where that
 * one is not buried: a step under the earlier name that is still on its way does nothing any more. Answers with the users
 * that the node is known to have, so that it can tell what has changed.
 * KEYS: identity, nodes (a sorted set by the time until which they are to be heard; 0: buried), users of the name, of the earlier
 * one; ARGV: identity, allowed silence in ms, name, earlier name, time in ms after which Redis forgets them, 0: never.
 */
const REGISTER = `${NOW}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local known = redis.call('ZSCORE', KEYS[2], ARGV[3])
if known == '0' then return redis.status_reply('gone') end
local earlier = redis.call('ZSCORE', KEYS[2], ARGV[4])
if not known and earlier and earlier ~= '0' then
  redis.call('ZREM', KEYS[2], ARGV[4])
  if redis.call('EXISTS', KEYS[4]) == 1 then redis.call('RENAME', KEYS[4], KEYS[3]) end
end
redis.call('ZADD', KEYS[2], now() + ARGV[2], ARGV[3])
if ARGV[5] ~= '0' then
  for _, key in ipairs({KEYS[2], KEYS[3]}) do redis.call('PEXPIRE', key, ARGV[5]) end
end
return redis.call('SMEMBERS', KEYS[3])`;

/**
 * Users of a node come and go, one after the other. Where that is a user's first node or was the last, the message goes into the
 * log. Messages are numbered by who tells, so the first one that is not needed ends the step: those behind it have to be
 * numbered anew. A node that tells of another one's users buries it; with the last of them it is forgotten.
 * Further KEYS: nodes, online (a hash from user to number of nodes), users of the node; ARGV: who tells, whose users, and three
 * for each change: + or -, user, body. Answers with the changes that were done, the messages among them, the users left.
 */
const CHANGE = `${APPENDING}
if (tonumber(redis.call('ZSCORE', KEYS[4], ARGV[5])) or 0) == 0 then return redis.status_reply('gone') end
local done, told = 0, 0
for index = 7, #ARGV, 3 do
  local user, turned = ARGV[index + 1], false
  if ARGV[index] == '+' then
    turned = redis.call('SADD', KEYS[6], user) == 1 and redis.call('HINCRBY', KEYS[5], user, 1) == 1
  elseif redis.call('SREM', KEYS[6], user) == 1 and redis.call('HINCRBY', KEYS[5], user, -1) == 0 then
    redis.call('HDEL', KEYS[5], user)
    turned = true
  end
  done = done + 1
  if not turned then break end
  append(ARGV[index + 2])
  told = told + 1
end
expire(4, 6)
local left = redis.call('SCARD', KEYS[6])
if ARGV[5] ~= ARGV[6] and left == 0 then redis.call('ZREM', KEYS[4], ARGV[6]) end
return {done, told, left}`;

/** KEYS: nodes, users of the node, and all else that the feed has; ARGV: name, time in ms after which Redis forgets them, 0: never. */
const EXPIRING = `${NOW}
local function expire()
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
end`;

/**
 * A node is there. Answers with the nodes that are to be buried: who was not heard in time is lost from here on. Only a node
 * that was heard itself in time can say so: after a silence of Redis all are late, and have their time anew from the first
 * that is back.
 * Further ARGV: allowed silence in ms, what must be left of its own.
 */
const BEAT = `${EXPIRING}
local time, due = now(), tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) or 0
if due == 0 then return redis.status_reply('gone') end
redis.call('ZADD', KEYS[1], time + ARGV[3], ARGV[1])
local verdict = due - time >= tonumber(ARGV[4]) and 0 or time + ARGV[3]
for _, silent in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], 1, time)) do redis.call('ZADD', KEYS[1], verdict, silent) end
if ARGV[2] ~= '0' then expire() end
return redis.call('ZRANGEBYSCORE', KEYS[1], 0, 0)`;

/** A node closes; where no other is there, and the feed may be forgotten, it is. What it still has others bury. */
const LEAVE = `${EXPIRING}
if redis.call('SCARD', KEYS[2]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], 'XX', 0, ARGV[1])
end
if ARGV[2] == '0' then return end
if redis.call('ZCOUNT', KEYS[1], now(), '+inf') == 0 then redis.call('DEL', unpack(KEYS)) else expire() end`;

/** KEYS: identity, counter, online; ARGV: identity. */
const SNAPSHOT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
return {redis.call('GET', KEYS[2]) or '0', redis.call('HKEYS', KEYS[3])}`;

type Arguments = readonly (string | number)[];
/** Nothing where the feed is another one. */
type Answer<Told> = Promise<Told | null>;

/** ioredis sends a script's hash, and the script itself once on each connection. */
export interface CommandConnection extends Redis {
  feedAppend(...keysAndArguments: Arguments): Answer<number>;
  feedSay(...keysAndArguments: Arguments): Answer<number | readonly ['again' | 'ahead', number, number | null]>;
  feedSayNext(...keysAndArguments: Arguments): Answer<number>;
  feedRegister(...keysAndArguments: Arguments): Answer<'gone' | readonly string[]>;
  feedChange(...keysAndArguments: Arguments): Answer<'gone' | readonly [number, number, number]>;
  feedBeat(...keysAndArguments: Arguments): Promise<'gone' | readonly string[]>;
  feedLeave(...keysAndArguments: Arguments): Promise<null>;
  feedSnapshot(...keysAndArguments: Arguments): Answer<readonly [string, readonly string[]]>;
}

const SCRIPTS = {
  feedAppend: { lua: APPEND, numberOfKeys: 3 },
  feedSay: { lua: SAY, numberOfKeys: 5 },
  feedSayNext: { lua: SAY_NEXT, numberOfKeys: 5 },
  feedRegister: { lua: REGISTER, numberOfKeys: 4 },
  feedChange: { lua: CHANGE, numberOfKeys: 6 },
  feedBeat: { lua: BEAT, numberOfKeys: 8 },
  feedLeave: { lua: LEAVE, numberOfKeys: 8 },
  feedSnapshot: { lua: SNAPSHOT, numberOfKeys: 3 },
} as const;

/** Longer than that a Redis that is back need not wait for a node. */
const MOST_RETRY_MS = 500;

/**
 * A command is sent at once and once, or rejected: one that waited for a connection to come back, or was sent again after
 * it, could put a message into the feed late or twice.
 */
export function newConnection(url: string, mayRetry: () => boolean): CommandConnection {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => (mayRetry() ? Math.min(50 * 2 ** attempt, MOST_RETRY_MS) : null),
    scripts: SCRIPTS,
  }) as CommandConnection;
}
