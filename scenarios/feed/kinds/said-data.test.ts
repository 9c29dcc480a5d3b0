import { expect, test } from 'vitest';
import { PUBLISHER } from '../script.ts';
import { loadWorkload } from '../workload.ts';
import { clientsPayload, saidData } from './said-data.ts';

const { feed, payload } = loadWorkload('game');
const planned = { feed, payload, seed: 1 };

test('in a game a player says something smaller than the server does, and of its own kind', () => {
  expect(clientsPayload(planned)).toEqual({ kind: 'game-inputs', bytes: 56 });
  const state = saidData(planned, { index: 7, sender: PUBLISHER });
  const input = saidData(planned, { index: 7, sender: 3 });
  expect(state).toHaveLength(120);
  expect(input).toHaveLength(56);
  expect(Object.keys(JSON.parse(input) as object)).toEqual(['seen', 'keys', 'aim', 'text']);
});

test('where a workload does not say, clients say what a publisher would', () => {
  const alike = { feed: { ...feed, clientsPayload: undefined }, payload, seed: 1 } as typeof planned;
  expect(saidData(alike, { index: 7, sender: 3 })).toBe(saidData(alike, { index: 7, sender: PUBLISHER }));
});
