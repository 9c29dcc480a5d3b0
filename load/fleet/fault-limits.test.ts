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
  ['stop-redis@1s+1s', memory, /in memory has no Redis/],
  ['cut-link@1s+1s', memory, /^none$/],
] as const)('%s', (text, variant, reason) => {
  expect(whyNoFaults([parseFault(text)], variant) ?? 'none').toMatch(reason);
});

test('the first that cannot be is the reason; without any there is none', () => {
  expect(whyNoFaults([], memory)).toBeUndefined();
  expect(whyNoFaults([parseFault('cut-link@1s+1s'), parseFault('kill-redis@2s')], memory)).toMatch(/^kill-redis@2s/);
});
