import { expect, test } from 'vitest';
import { reconnectPolicy } from '../../scenarios/reconnect/policy.ts';
import { TRANSPORT_IDS } from '../../servers/registry.ts';
import { comebackPolicy, comebackRandom, turnOfTargets } from './comeback.ts';

const TARGETS = [1, 2, 3, 4].map((port) => ({ host: '127.0.0.1', port }));
const [own = { host: '', port: 0 }] = TARGETS;

test('every policy is what it is called; who is left alone comes back as its kind does, if it does', () => {
  const of = (reconnect: Parameters<typeof comebackPolicy>[0]): unknown[] =>
    TRANSPORT_IDS.map((transport) => comebackPolicy(reconnect, { transport, pollIntervalNs: 2e9 }));
  expect(new Set(of('full'))).toEqual(new Set([reconnectPolicy('full')]));
  expect(new Set([...of('none'), ...of(undefined)])).toEqual(new Set([undefined]));
  expect(of('stock')).toEqual([
    expect.objectContaining({ baseMs: 2000, capMs: 2000, factor: 1, jitter: { kind: 'none' } }),
    undefined,
    reconnectPolicy('eventsource'),
    undefined,
    reconnectPolicy('socketio'),
  ]);
});

test('a client tries its own node first, then each of the others, in an order that a seed decides', () => {
  const order = (client: number, seed = 1): number[] =>
    turnOfTargets(own, TARGETS, { client, seed }).map(({ port }) => port);
  expect(order(0)).toEqual(order(0));
  expect(order(7).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  const second = Array.from({ length: 3000 }, (_, client) => order(client)[1]);
  for (const port of [2, 3, 4]) {
    const share = second.filter((one) => one === port).length / second.length;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.39);
  }
  expect(Array.from({ length: 20 }, (_, client) => order(client, 2))).not.toEqual(
    Array.from({ length: 20 }, (_, client) => order(client)),
  );
});

test('chance is a client’s own', () => {
  const first = (client: number): number => comebackRandom({ client, seed: 1 })();
  expect(first(1)).toBe(first(1));
  expect(new Set(Array.from({ length: 100 }, (_, client) => first(client))).size).toBe(100);
});
