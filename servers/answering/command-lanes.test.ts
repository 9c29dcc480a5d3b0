import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { CommandLanes } from './command-lanes.ts';

test('commands of a connection are done in the order in which they came, those of others not behind them', async () => {
  const lanes = new CommandLanes();
  const [socket, other] = [new Socket(), new Socket()];
  const done: string[] = [];
  const work = async (name: string): Promise<void> => void done.push(name);
  const waiting = ['first', 'second', 'third'].map((name) => ({ name, ...Promise.withResolvers<string>() }));
  const turns = waiting.map(async ({ promise }) => lanes.inTurn(socket, async () => promise, work));
  for (const { name, resolve } of waiting.toReversed()) {
    await lanes.inTurn(other, async () => `other ${name}`, work);
    resolve(name);
  }
  await Promise.all(turns);
  expect(done).toEqual(['other third', 'other second', 'other first', 'first', 'second', 'third']);
});

test('one that is long at work holds up no other, and neither does one that fails', async () => {
  const lanes = new CommandLanes();
  const socket = new Socket();
  const ready = async (): Promise<string> => 'ready';
  const fails = async (): Promise<string> => {
    throw new Error('no');
  };
  const long = Promise.withResolvers<string>();
  const first = lanes.inTurn(socket, ready, async () => long.promise);
  await expect(lanes.inTurn(socket, fails, ready)).rejects.toThrow('no');
  await expect(lanes.inTurn(socket, ready, fails)).rejects.toThrow('no');
  expect(await lanes.inTurn(socket, ready, async () => 'next')).toBe('next');
  long.resolve('first');
  expect(await first).toBe('first');
});

test('no more are at work than a bound, and one that is done makes room', async () => {
  const lanes = new CommandLanes();
  const socket = new Socket();
  const ready = async (): Promise<string> => 'ready';
  const end = Promise.withResolvers<string>();
  const atWork = Array.from({ length: 256 }, async () => lanes.inTurn(socket, ready, async () => end.promise));
  expect(await lanes.inTurn(socket, ready, ready)).toBeUndefined();
  expect(await lanes.inTurn(new Socket(), ready, ready)).toBe('ready');
  end.resolve('done');
  expect(new Set(await Promise.all(atWork))).toEqual(new Set(['done']));
  expect(await lanes.inTurn(socket, ready, ready)).toBe('ready');
});
