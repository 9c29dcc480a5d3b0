import { Failure } from '../../scenarios/failures.ts';
import { type Child, startChild } from '../machine/child.ts';
import { freePort } from '../machine/free-port.ts';
import type { Network } from '../machine/network.ts';
import { findProgram } from '../machine/programs.ts';

type RedisChild = Child<never, never>;

/** A Redis of the trial's own: on the server host, without persistence, gone when the trial is. */
export interface PrivateRedis {
  readonly url: string;
  /** The one that runs, or ran last. */
  readonly child: RedisChild;
  /** Starts an empty one in the place of one that is gone; resolves when it takes connections. */
  replace(): Promise<RedisChild>;
}

export function requireRedis(): string {
  const program = findProgram('redis-server');
  if (program !== undefined) return program;
  throw new Failure(
    'missing-program',
    'no redis-server: install it (apt-get install redis-server, or brew install redis), or set REDIS_URL to one that runs',
  );
}

/**
 * The user's own Redis, where REDIS_URL names one. It is taken out of the environment, which every child inherits and
 * others can read: only the nodes are told, over IPC.
 */
export function takeRedisUrl(): string | undefined {
  const url = process.env['REDIS_URL'];
  delete process.env['REDIS_URL'];
  return url === '' ? undefined : url;
}

interface RedisPlace {
  readonly network: Network;
  readonly cores: readonly number[];
  /** Takes its end. */
  readonly cleanup: AsyncDisposableStack;
  /** Bytes that may wait for one subscriber before Redis drops it; undefined: its own default. */
  readonly subscriberBytes?: number | undefined;
}

const STOP_GRACE_MS = 2000;

export async function startRedis(place: RedisPlace, onTrouble: (error: Error) => void): Promise<PrivateRedis> {
  const program = requireRedis();
  const port = await freePort();
  const started: RedisChild[] = [];
  place.cleanup.defer(async () => {
    await Promise.all(started.map(async (child) => child.stop(STOP_GRACE_MS)));
  });
  const start = async (): Promise<RedisChild> => {
    const command = [...dyingWithUs(), program, ...settings(port, place.subscriberBytes)];
    const { child, accepting } = launch(command, place, onTrouble);
    started.push(child);
    await Promise.race([accepting, child.exited]);
    return child;
  };
  const first = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    get child() {
      return started.at(-1) ?? first;
    },
    replace: start,
  };
}

function launch(
  command: readonly string[],
  { network, cores }: RedisPlace,
  onTrouble: (error: Error) => void,
): { child: RedisChild; accepting: Promise<void> } {
  const accepting = Promise.withResolvers<void>();
  const child = startChild<never, never>(
    {
      name: 'redis',
      command,
      host: network.serverHost,
      cores,
      onOutput: (text) => {
        if (text.includes('Ready to accept connections')) accepting.resolve();
      },
    },
    onTrouble,
  );
  return { child, accepting: accepting.promise };
}

function settings(port: number, subscriberBytes: number | undefined): string[] {
  const values = {
    port,
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    loglevel: 'notice',
    ...(subscriberBytes !== undefined && { 'client-output-buffer-limit': `pubsub ${subscriberBytes} 0 0` }),
  };
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Our own programs watch their IPC channel; Redis does not, so the kernel is asked to end it with this process. */
function dyingWithUs(): string[] {
  return findProgram('setpriv') === undefined ? [] : ['setpriv', '--pdeathsig', 'KILL'];
}
