import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { needs, REAL_TIME } from '../../scenarios/testing/conditions.ts';
import type { PresenceChange } from '../hub/conversation.ts';
import { NODE_PROGRAM } from '../registry.ts';
import { hasRedis, startTestRedis } from '../testing/test-redis.ts';
import { numbers, subscribe, type TestSubscriber } from '../testing/test-subscriber.ts';
import type { NodeOptions } from './node.ts';
import type { NodeReport } from './node-messages.ts';

const HEARTBEAT_MS = 1500;
/** Three nodes come up, which takes its time where others are busy. */
const WITHIN_MS = 60_000;

/** A node in a process of its own, with its clients. */
class MortalNode implements AsyncDisposable {
  readonly #child: ChildProcess;
  #port = 0;

  constructor() {
    this.#child = fork(fileURLToPath(NODE_PROGRAM), [], { execArgv: [] });
  }

  async open(options: NodeOptions): Promise<this> {
    const ready = Promise.withResolvers<number>();
    this.#child.on('message', (report: NodeReport) => {
      if (report.kind === 'ready') ready.resolve(report.port);
      if (report.kind === 'failed') ready.reject(new Error(report.message));
    });
    this.#child.send({ kind: 'open', options });
    this.#port = await ready.promise;
    return this;
  }

  async enter(user: string): Promise<TestSubscriber> {
    const member = { user, channels: ['presence'] };
    return subscribe({ transport: 'websocket', port: this.#port, member });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.signal('SIGKILL');
    await exited;
  }
}

/** Who is online, as one of them is told. */
function onlineBy({ heard }: TestSubscriber): string[] {
  const online = new Set<string>();
  for (const { data } of heard) {
    const { type, user } = data as PresenceChange;
    if (type === 'user_joined') online.add(user);
    else online.delete(user);
  }
  return [...online].toSorted();
}

async function untilTold(subscriber: TestSubscriber, users: readonly string[]): Promise<void> {
  const expected = users.toSorted().join();
  await subscriber.until((told) => onlineBy(told).join() === expected);
}

test('who is told to be online is connected, when nodes are stopped, wake, and are killed', {
  ...REAL_TIME,
  ...needs(hasRedis, 'redis-server is not installed'),
  timeout: WITHIN_MS,
}, async () => {
  await using redis = await startTestRedis();
  await using nodes = new AsyncDisposableStack();
  const options: NodeOptions = {
    transports: ['websocket'],
    backplane: 'redis',
    redisUrl: redis.url,
    feed: randomUUID(),
    heartbeatMs: HEARTBEAT_MS,
  };
  const open = async (): Promise<MortalNode> => nodes.use(new MortalNode()).open(options);
  const [here, stopped, killed] = await Promise.all([open(), open(), open()]);
  const watcher = await here.enter('watcher');
  const enter = async (node: MortalNode, users: readonly string[]): Promise<TestSubscriber[]> =>
    Promise.all(users.map(async (user) => node.enter(user)));
  const [ofStopped, ofKilled] = [numbers(1, 20).map((n) => `s${n}`), numbers(1, 20).map((n) => `k${n}`)];
  const everywhere = ['watcher', 'both'];
  const connected = [...(await enter(stopped, ofStopped)), ...(await enter(here, ['both']))];
  await enter(killed, [...ofKilled, 'both']);
  await untilTold(watcher, [...everywhere, ...ofStopped, ...ofKilled]);

  stopped.signal('SIGSTOP');
  await untilTold(watcher, [...everywhere, ...ofKilled]);
  stopped.signal('SIGCONT');
  await untilTold(watcher, [...everywhere, ...ofStopped, ...ofKilled]);
  expect(connected.filter(({ lostReason }) => lostReason !== undefined)).toEqual([]);

  killed.signal('SIGKILL');
  const killedAtMs = performance.now();
  await untilTold(watcher, [...everywhere, ...ofStopped]);
  expect(performance.now() - killedAtMs).toBeLessThan(2 * HEARTBEAT_MS);
  // Those of the node that was stopped have heard the same, once each.
  const { heard } = watcher;
  const [one] = connected;
  await one?.untilSeq(heard.at(-1)?.seq ?? 0);
  const since = one?.heard[0]?.seq ?? 0;
  expect(one?.heard).toEqual(heard.filter(({ seq }) => seq >= since));
  for (const subscriber of [watcher, ...connected]) subscriber.close();
});
