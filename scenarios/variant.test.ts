import { expect, test } from 'vitest';
import { nodesOf, pollIntervalNsOf, type Variant, variantKey, variantLabel, variantParts } from './variant.ts';

const scenario = { pollIntervalNs: 3e9 };
const usual: Variant = {
  transport: 'polling',
  backplane: 'memory',
  values: { nodes: 1, headers: 'browser', pollIntervalNs: 3e9 },
};

function changed(values: Variant['values'], backplane = 'memory'): Variant {
  return { ...usual, backplane, values: { ...usual.values, ...values } };
}

test.each([
  [usual, 'polling, memory', 'polling/memory'],
  [changed({ nodes: 3 }, 'redis'), 'polling, redis × 3', 'polling/redis/nodes=3'],
  [changed({ pollIntervalNs: 1.5e9 }), 'polling, memory, polls every 1.5 s', 'polling/memory/poll=1.5s'],
  [
    changed({ nodes: 2, headers: 'minimal', pollIntervalNs: 250e6 }, 'redis'),
    'polling, redis × 2, minimal headers, polls every 250 ms',
    'polling/redis/nodes=2/headers=minimal/poll=250ms',
  ],
  [changed({ later: 'so' }), 'polling, memory, later so', 'polling/memory/later=so'],
])('what is not usual is said: %j', (variant, label, key) => {
  expect(variantLabel(variant, scenario)).toBe(label);
  expect(variantKey(variant, scenario)).toBe(key);
});

test('a transport is called by its label, and a label has the place in its second part', () => {
  expect(variantParts(changed({ nodes: 3, headers: 'minimal' }, 'redis'), scenario, 'HTTP polling')).toEqual([
    'HTTP polling',
    'redis × 3',
    'minimal headers',
  ]);
});

test('what a variant does not have is as usual', () => {
  const bare: Variant = { transport: 'websocket', backplane: 'memory', values: {} };
  expect(nodesOf(bare)).toBe(1);
  expect(pollIntervalNsOf(bare, scenario)).toBe(3e9);
  expect(pollIntervalNsOf(changed({ pollIntervalNs: 7 }), scenario)).toBe(7);
  expect(variantLabel(bare, scenario)).toBe('websocket, memory');
});
