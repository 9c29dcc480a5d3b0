import { expect, test } from 'vitest';
import { faultSchema, writtenFaultSchema } from './fault-schemas.ts';
import { disturbsRedis, FAULT_KIND_IDS, faultInWords, faultRow, faultText, parseFault } from './faults.ts';

test.each([
  ['kill-node@10s', { kind: 'kill-node', atNs: 10e9, forNs: null, node: null }],
  ['kill-node:2@1.5s+3s', { kind: 'kill-node', atNs: 1.5e9, forNs: 3e9, node: 2 }],
  ['restart-node@250ms', { kind: 'restart-node', atNs: 250e6, forNs: 0, node: null }],
  ['stop-redis@10s+2s', { kind: 'stop-redis', atNs: 10e9, forNs: 2e9, node: null }],
  ['cut-link@0s+500ms', { kind: 'cut-link', atNs: 0, forNs: 500e6, node: null }],
] as const)('%s is read, and written as it is read', (text, fault) => {
  expect(parseFault(text)).toEqual(fault);
  expect(faultText(fault)).toBe(text);
  expect(faultSchema.parse(fault)).toEqual(fault);
});

test.each([
  ['kill-node', /is no fault/],
  ['kill-nodes@10s', /there are kill-node, stop-node/],
  ['stop-node@10s', /say for how long, such as stop-node@10s\+2s/],
  ['kill-redis:1@10s', /strikes no node/],
  ['kill-node:0@10s', /counted from 1 to 64/],
  ['kill-node@10', /is not a duration/],
  ['stop-redis@10s+x', /is not a duration/],
])('%s is refused in words', (text, words) => {
  expect(() => parseFault(text)).toThrow(words);
});

test('a workload file says the same in fields', () => {
  const written = { at: '10s', kind: 'stop-node', for: '2s', node: 1 };
  expect(writtenFaultSchema.parse(written)).toEqual(parseFault('stop-node:1@10s+2s'));
  const wrong = writtenFaultSchema.safeParse({ at: '10s', kind: 'stop-node' });
  expect(wrong.error?.issues[0]?.message).toMatch(/for how long/);
  expect(writtenFaultSchema.safeParse({ at: '10s', kind: 'kill-node', until: '2s' }).success).toBe(false);
});

test('it is said to people', () => {
  const said = (text: string): string => faultInWords(parseFault(text), 3);
  expect(said('kill-node@10s')).toBe('node 3 is killed (SIGKILL) at 10 s');
  expect(said('kill-node:2@10s+5s')).toBe('node 2 is killed (SIGKILL) at 10 s, and there is a new one 5 s later');
  expect(said('restart-node@10s')).toBe('node 3 says goodbye and is started again at 10 s');
  expect(said('stop-redis@10s+2s')).toBe('Redis stands still (SIGSTOP) at 10 s for 2 s');
  expect(said('cut-link@10s+2s')).toMatch(/^the link between clients and servers .* at 10 s for 2 s$/);
});

test('what Redis does not answer for is known', () => {
  expect(FAULT_KIND_IDS.filter((kind) => faultRow(kind).strikes === 'redis')).toEqual(['kill-redis', 'stop-redis']);
  expect(disturbsRedis([parseFault('kill-node@1s')])).toBe(false);
  expect(disturbsRedis([parseFault('kill-node@1s'), parseFault('kill-redis@1s')])).toBe(true);
});
