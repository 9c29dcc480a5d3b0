import { expect, test } from 'vitest';
import { parseFault } from '../../scenarios/faults.ts';
import type { PlannedVariant } from '../variants.ts';
import { whyNoFaults } from './fault-limits.ts';

const memory: PlannedVariant = { transport: 'sse', backplane: 'memory', values: { nodes: 1 } };
const redis: PlannedVariant = { transport: 'sse', backplane: 'redis', values: { nodes: 3 } };

test.each([
  ['kill-node@1s', redis, /^none$/],
  ['kill-node:2@1s', redis, /^none$/],
  ['kill-node:1@1s', redis, /node 1 takes the feed/],
  ['restart-node:1@1s', redis, /node 1 takes the feed/],
  ['stop-node:1@1s+1s', redis, /^none$/],
  ['kill-node:4@1s', redis, /^kill-node:4@1s: there is no node 4 of 3$/],
  ['kill-redis@1s', redis, /^none$/],
  ['kill-node@1s', memory, /in the memory of the one node/],
  ['stop-node@1s+1s', memory, /^none$/],
  ['stop-redis@1s+1s', memory, /there is no Redis, the log is in memory/i],
  ['cut-link@1s+1s', memory, /^none$/],
] as const)('%s', (text, variant, reason) => {
  expect(whyNoFaults([parseFault(text)], variant) ?? 'none').toMatch(reason);
});

test('the first that cannot be is the reason; without any there is none', () => {
  expect(whyNoFaults([], memory)).toBeUndefined();
  expect(whyNoFaults([parseFault('cut-link@1s+1s'), parseFault('kill-redis@2s')], memory)).toMatch(/^kill-redis@2s/);
});

test.each([
  [
    'restart-node@1s,restart-node@1s',
    /^restart-node@1s: node 3 is struck by restart-node@1s until 3 s: choose another moment, or another node$/,
  ],
  ['kill-node@1s+1s,restart-node@2s', /^restart-node@2s: node 3 is struck by kill-node@1s\+1s until 4 s/],
  ['kill-node@2s,kill-node:3@1s', /^kill-node@2s: node 3 is struck by kill-node:3@1s for good/],
  ['kill-node@1s,stop-node@2s+1s', /^stop-node@2s\+1s: node 3 is struck by kill-node@1s for good/],
  ['stop-node@1s+2s,stop-node@2s+2s', /node 3 is struck by stop-node@1s\+2s until 3 s/],
  [
    'kill-redis@1s+1s,kill-redis@1s+1s',
    /^kill-redis@1s\+1s: Redis is struck by kill-redis@1s\+1s until 4 s: choose another moment$/,
  ],
  ['cut-link@1s+2s,cut-link@2s+1s', /the link is struck by cut-link@1s\+2s until 3 s/],
  ['stop-node@1s+1s,stop-node@2s+1s', /^none$/],
  ['kill-node@1s+1s,kill-node@4s', /^none$/],
  ['kill-node:2@1s,kill-node:3@1s,stop-redis@1s+1s,cut-link@1s+1s', /^none$/],
] as const)('what lies down already: %s', (text, reason) => {
  expect(whyNoFaults(text.split(',').map(parseFault), redis) ?? 'none').toMatch(reason);
});
