import { describe, expect, test } from 'vitest';
import { needs } from '../scenarios/testing/conditions.ts';
import { TRANSPORT_IDS, transportRow } from '../servers/registry.ts';
import { hasRedis, startTestRedis } from '../servers/testing/test-redis.ts';
import { runFeedbench, startFeedbench } from './testing/feedbench-process.ts';

interface Told {
  readonly dueNs: number;
  readonly publishedNs: number;
}

function isFeed(value: unknown): value is Told[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null && 'publishedNs' in one);
}

test('a feed by hand is never published before it is due', async () => {
  const run = startFeedbench(['serve', '--transport', 'polling', '--port', '0']);
  const address = /at (127\.0\.0\.1:\d+)/.exec(await run.printed(/Ctrl-C ends it/))?.[1];
  let feed: unknown;
  await expect
    .poll(
      async () => {
        feed = await (await fetch(`http://${address}/messages?since=0`)).json();
        return isFeed(feed) ? feed.length : 0;
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(40);
  const leadNs = isFeed(feed) ? feed.map(({ dueNs, publishedNs }) => dueNs - publishedNs) : [Number.NaN];
  expect(Math.max(...leadNs)).toBeLessThanOrEqual(0);
  run.signal('SIGINT');
  expect((await run.exited).code).toBe(0);
});

test.each([
  [['--nodes', '2'], /--nodes 2: memory has no such thing/],
  [['--transport', 'ws,polling', '--retry', 'random'], /--retry random: websocket and polling have no such thing/],
  [['--shape', 'polling,upgrade'], /--shape: there is no "polling,upgrade"; there are websocket, polling, upgrade/],
  [['--headers', 'minimal'], /unknown option '--headers'/],
  [['--backplane', 'redis', '--nodes', '3', '--port', '65534'], /--port 65534: 3 nodes take ports up to 65536/],
  [['--host', ''], /--host .*It must not be empty; 0\.0\.0\.0 is every address/],
  [['--host', ' '], /--host .*It must not be empty/],
])('serve %j is refused', async (words, says) => {
  const { code, stderr, stdout } = await runFeedbench(['serve', '--port', '0', ...words]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(says);
});

test('serve says the address of IPv6 so that it can be pasted', async () => {
  const run = startFeedbench(['serve', '--transport', 'polling', '--port', '0', '--host', '::1']);
  expect(await run.printed(/Ctrl-C ends it/)).toMatch(
    /at \[::1\]:\d+, its doors live at http:\/\/\[::1\]:\d+\/\n.*curl 'http:\/\/\[::1\]:\d+\/messages/s,
  );
  run.signal('SIGINT');
  await run.exited;
});

test('serve opens every door on one port, and says how to try each', async () => {
  const run = startFeedbench(['serve', '--port', '0']);
  const said = await run.printed(/Ctrl-C ends it/);
  const address = /at (127\.0\.0\.1:\d+)/.exec(said)?.[1];
  const health = (await (await fetch(`http://${address}/health`)).json()) as object;
  expect(health).toMatchObject({ transports: TRANSPORT_IDS });
  const [tries = '', talks = ''] = said.split('Talk:');
  expect(tries.split('\n').filter((line) => line.includes(`${address}/`))).toHaveLength(1 + TRANSPORT_IDS.length);
  for (const id of TRANSPORT_IDS) expect(talks).toContain(transportRow(id).talk?.hear.replace('HOST', `${address}`));
  expect(talks).toContain(`http://${address}/chat`);
  run.signal('SIGINT');
  expect(await run.exited).toMatchObject({ code: 0, stderr: '' });
});

describe('over Redis', needs(hasRedis, 'redis-server is not installed'), () => {
  test('serve says the address of each node, and all have the feed', async () => {
    const run = startFeedbench(['serve', '--backplane', 'redis', '--nodes', '3', '--port', '0']);
    const said = await run.printed(/Ctrl-C ends it/);
    const addresses = [...said.matchAll(/node \d at (127\.0\.0\.1:\d+), its doors live/g)].map(
      ([, address]) => address,
    );
    expect(new Set(addresses).size).toBe(3);
    for (const address of addresses) {
      await expect
        .poll(async () => (await fetch(`http://${address}/messages?since=0`)).json())
        .toContainEqual(expect.objectContaining({ seq: 1 }));
    }
    run.signal('SIGINT');
    expect(await run.exited).toMatchObject({ code: 0, stderr: '' });
  });

  test('serve says in one line why it cannot use it', async () => {
    await using redis = await startTestRedis();
    await redis.admin.config('SET', 'requirepass', 'another');
    const env = { REDIS_URL: redis.url.replace('redis://', 'redis://:wrong@') };
    const { code, stdout, stderr } = await runFeedbench(['serve', '--backplane', 'redis', '--port', '0'], { env });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^feedbench: cannot use Redis at .*WRONGPASS.*\n$/);
  });
});
