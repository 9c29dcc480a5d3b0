import { expect, test } from 'vitest';
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
  [['--host', ''], /--host .*It must not be empty; 0\.0\.0\.0 is every address/],
  [['--host', ' '], /--host .*It must not be empty/],
])('serve %j is refused', async (words, says) => {
  const { code, stderr, stdout } = await runFeedbench(['serve', '--port', '0', ...words]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(says);
});

test('serve says the address of IPv6 so that it can be pasted', async () => {
  const run = startFeedbench(['serve', '--transport', 'polling', '--port', '0', '--host', '::1']);
  expect(await run.printed(/Ctrl-C ends it/)).toMatch(/at \[::1\]:\d+; try: curl 'http:\/\/\[::1\]:\d+\/messages/);
  run.signal('SIGINT');
  await run.exited;
});
