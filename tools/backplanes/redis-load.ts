import type { Redis } from 'ioredis';

/** What Redis did: since its start, or between two readings. */
export interface RedisLoad {
  readonly calls: ReadonlyMap<string, number>;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly cpuUs: number;
}

export async function readLoad(redis: Redis): Promise<RedisLoad> {
  const text = `${await redis.info('stats')}${await redis.info('cpu')}${await redis.info('commandstats')}`;
  const figure = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1]);
  const calls = [...text.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name = '', count]) => [
    name,
    Number(count),
  ]);
  return {
    calls: new Map(calls as [string, number][]),
    bytesIn: figure('total_net_input_bytes'),
    bytesOut: figure('total_net_output_bytes'),
    cpuUs: (figure('used_cpu_user') + figure('used_cpu_sys')) * 1e6,
  };
}

/** What a reading itself costs, which a second one right `behind` it tells, is taken off. */
export function loadBetween(before: RedisLoad, after: RedisLoad, behind: RedisLoad): RedisLoad {
  const own = (of: 'bytesIn' | 'bytesOut' | 'cpuUs'): number => 2 * after[of] - before[of] - behind[of];
  const calls = [...after.calls]
    .filter(([name]) => name !== 'info')
    .map(([name, count]) => [name, count - (before.calls.get(name) ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return {
    calls: new Map(calls),
    bytesIn: own('bytesIn'),
    bytesOut: own('bytesOut'),
    cpuUs: own('cpuUs'),
  };
}

/** Of each of so many messages, or whatever it was that was asked. */
export function loadText({ calls, bytesIn, bytesOut, cpuUs }: RedisLoad, count: number): string {
  const each = (amount: number, width: number): string => (amount / count).toFixed(0).padStart(width);
  const asked = [...calls].map(([name, times]) => `${name} ${(times / count).toFixed(2)}`).join(', ');
  return `${each(bytesIn, 6)} B in${each(bytesOut, 6)} B out${each(cpuUs, 5)} µs of CPU; ${asked}`;
}
