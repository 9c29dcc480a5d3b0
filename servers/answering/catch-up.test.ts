import { expect, test } from 'vitest';
import { caughtUp } from './catch-up.ts';

/** A log that is told how far it is. */
function openLog(latest: number) {
  const followers = new Set<(entry: Buffer) => void>();
  return {
    latest,
    followers,
    follow(follower: (entry: Buffer) => void) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
    reach(seq: number) {
      this.latest = seq;
      for (const follower of followers) follower(Buffer.alloc(0));
    },
  };
}

/** As a node has it that is one of several. */
function among(log: ReturnType<typeof openLog>): Parameters<typeof caughtUp>[0] {
  return { hub: { log }, readOrigin: async () => undefined };
}

const LONG_MS = 60_000;

test('a poll that is ahead by a little waits until the node has what the other had', async () => {
  const log = openLog(16);
  let isDone = false;
  const waiting = caughtUp(among(log), { kind: 'after', seq: 18 }, LONG_MS).then(() => (isDone = true));
  log.reach(17);
  await Promise.resolve();
  expect(isDone).toBe(false);
  log.reach(18);
  await waiting;
  expect(log.followers.size).toBe(0);
});

test('one that is not ahead, or so far that it is of another feed, waits for nothing', async () => {
  const log = openLog(16);
  await caughtUp(among(log), { kind: 'after', seq: 16 }, LONG_MS);
  await caughtUp(among(log), { kind: 'after', seq: 1e9 }, LONG_MS);
  await caughtUp(among(log), { kind: 'oldest' }, LONG_MS);
  expect(log.followers.size).toBe(0);
});

test('the only node of its feed has nobody to catch up with', async () => {
  const log = openLog(16);
  await caughtUp({ hub: { log } }, { kind: 'after', seq: 17 }, LONG_MS);
  expect(log.followers.size).toBe(0);
});

test('nobody waits for what does not come', async () => {
  const log = openLog(16);
  await caughtUp(among(log), { kind: 'after', seq: 17 }, 1);
  expect(log.followers.size).toBe(0);
});
