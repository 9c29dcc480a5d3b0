import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { type BackplaneId, BACKPLANES } from '../../servers/backplanes.ts';
import type { PresenceChange } from '../../servers/hub/conversation.ts';
import { FedLog } from '../../servers/backplane/testing/fed-log.ts';
import { startTestRedis, type TestRedis } from '../../servers/testing/test-redis.ts';
import { loadBetween, loadText, readLoad } from './redis-load.ts';

/** What it asks of Redis, and how long it takes, that clients of three nodes talk, come and go. */
const NODES = 3;
const COUNT = 1000;
const SENDERS = 99;
const BEAT_EVERY_MS = 10;
const BEATS_MS = 1000;
const IDLE_MS = 3_600_000;

export async function* measureConversation(backplane: BackplaneId): AsyncGenerator<string> {
  await using stand = await openStand(backplane);
  const { payload } = loadWorkload('ticker');
  const say = async (index: number): Promise<void> => {
    const sender = index % SENDERS;
    const origin = { channel: 'room:1', from: `u${sender}`, n: 1 + Math.floor(index / SENDERS) };
    const { kind } = await stand.node(sender).say(origin, JSON.parse(payloadData(payload, 1, index)));
    if (kind !== 'taken') throw new Error(`what was said for the first time was ${kind}`);
  };
  yield `\n${backplane}, three nodes on which clients talk; each, on the average:\n`;
  yield await stand.measure('a say, one after the other', async (index) => say(index), 0);
  yield await stand.measure('a say, all at once', async (index) => say(index + COUNT), COUNT);
  const come = async (index: number): Promise<void> => stand.move(index, 'arrive');
  const go = async (index: number): Promise<void> => stand.move(index, 'depart');
  yield await stand.measure('a user comes, one after the other', come, 0);
  yield await stand.measure('a user goes, one after the other', go, 0);
  yield await stand.measure('a user comes, all at once', come, COUNT);
  yield await stand.measureBeat();
}

interface Stand extends AsyncDisposable {
  node(index: number): FedLog;
  /** Resolves when a node that it did not happen at has it in its log. */
  move(index: number, how: 'arrive' | 'depart'): Promise<void>;
  /** One at a time, or so many. */
  measure(name: string, run: (index: number) => Promise<void>, atOnce: number): Promise<string>;
  measureBeat(): Promise<string>;
}

async function openStand(backplane: BackplaneId): Promise<Stand> {
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(await startTestRedis());
  const { openBackplane } = await BACKPLANES[backplane].open();
  const options = { redisUrl: redis.url, feed: randomBytes(6).toString('base64url'), historyMessages: 2000 };
  const open = async (heartbeatMs: number): Promise<FedLog> =>
    new FedLog().open(openBackplane, { ...options, heartbeatMs });
  const nodes = await Promise.all(Array.from({ length: NODES }, async () => opened.use(await open(IDLE_MS))));
  const node = (index: number): FedLog => {
    const found = nodes[index % NODES];
    if (found === undefined) throw new RangeError(`there is no node ${index}`);
    return found;
  };
  /** Who waits for a user to come or go, as another node hears it. */
  const waiting = new Map<string, () => void>();
  for (const [position, { log, messages }] of nodes.entries())
    log.follow(() => {
      const change = messages.at(-1)?.data as Partial<PresenceChange> | undefined;
      waiting.get(`${position} ${change?.user}`)?.();
    });
  const closing = opened.move();
  return {
    node,
    move: async (index, how) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(`${(index + 1) % NODES} u${index}`, resolve);
      node(index).presence[how](`u${index}`);
      await promise;
    },
    measure: async (name, run, atOnce) => line(redis, name, async () => timed(run, atOnce)),
    measureBeat: async () => {
      await using beating = await open(2 * BEAT_EVERY_MS);
      return await line(redis, 'a beat of a node', async () => {
        const deadlineMs = performance.now() + BEATS_MS;
        while (beating.healthy && performance.now() < deadlineMs) await setTimeout(BEAT_EVERY_MS);
        return [];
      });
    },
    [Symbol.asyncDispose]: async () => closing.disposeAsync(),
  };
}

/** How long each took, in milliseconds. */
async function timed(run: (index: number) => Promise<void>, atOnce: number): Promise<number[]> {
  const one = async (index: number): Promise<number> => {
    const startMs = performance.now();
    await run(index);
    return performance.now() - startMs;
  };
  const indexes = Array.from({ length: COUNT }, (_, index) => index);
  if (atOnce > 1) return Promise.all(indexes.map(one));
  const tookMs: number[] = [];
  for (const index of indexes) tookMs.push(await one(index));
  return tookMs;
}

async function line(redis: TestRedis, name: string, work: () => Promise<number[]>): Promise<string> {
  const before = await readLoad(redis.admin);
  const tookMs = (await work()).toSorted((one, other) => one - other);
  const after = await readLoad(redis.admin);
  const load = loadBetween(before, after, await readLoad(redis.admin));
  const count = tookMs.length === 0 ? (load.calls.get('evalsha') ?? 1) : tookMs.length;
  const at = (share: number): string => `${(tookMs[Math.floor(share * tookMs.length)] ?? 0).toFixed(2)} ms`;
  const times = tookMs.length === 0 ? '' : `; ${at(0.5)}, 99 % within ${at(0.99)}`;
  return `  ${name.padEnd(34)}${loadText(load, count)}${times}`;
}
