import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadWorkload, type Workload } from '../../scenarios/feed/workload.ts';
import { cadenceOf, TRANSPORT_IDS, type TransportId } from '../../servers/registry.ts';
import { usableDescriptors } from '../machine/descriptors.ts';
import { type Demand, nodeBounds, noticedWithinMs, subscriberBytes, trialDemand } from './node-bounds.ts';

const SECOND_NS = 1e9;
const MIB = 1024 * 1024;

interface Asked {
  readonly messagesPerSecond: number;
  readonly bytes: number;
  readonly pollIntervalNs: number;
}

function demandOf({ messagesPerSecond, bytes, pollIntervalNs }: Asked, transport: TransportId = 'websocket'): Demand {
  const workload: Workload = {
    ...loadWorkload('ticker'),
    feed: { kind: 'poisson', messagesPerSecond },
    payload: { kind: 'stock-prices', bytes },
    pollIntervalNs,
  };
  const variant = { transport, backplane: 'redis', values: { nodes: 3, pollIntervalNs } } as const;
  return { workload, variant, feedNs: 24 * SECOND_NS };
}

const asked = fc.record({
  messagesPerSecond: fc.double({ min: 0.001, max: 100_000, noNaN: true }),
  bytes: fc.integer({ min: 150, max: MIB }),
  pollIntervalNs: fc.integer({ min: 1, max: 604_800 }).map((seconds) => seconds * SECOND_NS),
});

/** What a client may be behind of a feed of 24 s. */
function behind(
  { messagesPerSecond, bytes, pollIntervalNs }: Asked,
  transport: TransportId,
): { messages: number; bytes: number } {
  const polls = cadenceOf({ transport, values: {} }) === 'interval';
  const behindNs = Math.min((polls ? pollIntervalNs : 0) + 10 * SECOND_NS, 24 * SECOND_NS);
  const messages = messagesPerSecond * (behindNs / SECOND_NS);
  return { messages, bytes: messages * bytes };
}

test('a node holds what a client may be behind, and waits for the next poll', () => {
  fc.assert(
    fc.property(asked, fc.constantFrom(...TRANSPORT_IDS), (workload, transport) => {
      const needed = behind(workload, transport);
      fc.pre(needed.bytes < 400 * MIB && needed.messages < 500_000);
      const bounds = nodeBounds(demandOf(workload, transport));
      expect(bounds.logMessages).toBeGreaterThan(needed.messages);
      expect(bounds.logBytes).toBeGreaterThan(needed.bytes);
      expect(bounds.historyMessages * workload.bytes).toBeLessThanOrEqual(64 * MIB);
      const interval = cadenceOf({ transport, values: {} }) === 'interval' ? workload.pollIntervalNs : 0;
      expect(bounds.keepAliveMs * 1e6).toBeGreaterThan(interval);
    }),
  );
});

test('small workloads keep the defaults', () => {
  const small = demandOf({ messagesPerSecond: 20, bytes: 200, pollIntervalNs: 3 * SECOND_NS });
  expect(nodeBounds(small)).toEqual({
    logMessages: 10_000,
    logBytes: 64 * MIB,
    historyMessages: 2000,
    keepAliveMs: 600_000,
    key: { kind: 'data', fields: 1 },
    mostConnections: usableDescriptors(),
    heartbeatMs: 30_000,
    awayMs: 60_000,
  });
  expect(subscriberBytes(small)).toBe(32 * MIB);
});

test('who is gone in a conversation is noticed before its trial ends, where faults made some go', () => {
  const boundsOf = (name: string, faults: Workload['faults'], pollSeconds = 1) => {
    const workload: Workload = { ...loadWorkload(name), faults, pollIntervalNs: pollSeconds * SECOND_NS };
    const values = { nodes: 3, pollIntervalNs: pollSeconds * SECOND_NS };
    return nodeBounds({ workload, variant: { transport: 'polling', backplane: 'redis', values }, feedNs: SECOND_NS });
  };
  const faults = [{ kind: 'kill-node', atNs: 0, forNs: null, node: null }] as const;
  expect(boundsOf('chat', faults)).toMatchObject({ heartbeatMs: 5000, awayMs: 10_000 });
  expect(noticedWithinMs(boundsOf('chat', faults))).toBe(10_000);
  expect(noticedWithinMs(boundsOf('chat', []))).toBe(60_000);
  expect(boundsOf('storm', faults).heartbeatMs).toBe(30_000);
  // Who polls is there from one poll to the next.
  expect(boundsOf('chat', faults, 90).awayMs).toBe(180_000);
  expect(boundsOf('chat', faults, 7 * 86_400).awayMs).toBe(3_600_000);
});

test('the largest messages fill the history no further than it may, and Redis waits for a node that reads none', () => {
  const large = demandOf({ messagesPerSecond: 10, bytes: MIB, pollIntervalNs: 3 * SECOND_NS });
  expect(nodeBounds(large).historyMessages).toBe(63);
  expect(nodeBounds(large).logBytes).toBeGreaterThan(130 * MIB);
  expect(subscriberBytes(large)).toBeGreaterThan(50 * MIB);
});

test('too much is refused with what it would take and what to change', () => {
  const huge = demandOf({ messagesPerSecond: 1000, bytes: MIB, pollIntervalNs: 3 * SECOND_NS }, 'polling');
  expect(() => nodeBounds(huge)).toThrow(
    /^scenario ticker: a node would hold 13\.0 s of the feed for HTTP polling clients, .*: choose a lower rate, a smaller payload, a shorter poll interval, fewer nodes$/,
  );
});

test('a trial asks for its whole feed, a feed without end for no more than clients may be behind', () => {
  const { workload, variant } = demandOf(
    { messagesPerSecond: 5000, bytes: 200, pollIntervalNs: 600 * SECOND_NS },
    'polling',
  );
  const times = { warmUpNs: 3 * SECOND_NS, windowNs: 21 * SECOND_NS };
  const demand = trialDemand({
    generator: 'native',
    clients: 1,
    trial: 1,
    copy: false,
    attempt: 1,
    seed: 1,
    workload,
    variant,
    ...times,
  });
  expect(demand.feedNs).toBeGreaterThanOrEqual(24 * SECOND_NS);
  expect(nodeBounds(demand).logMessages).toBeLessThan(5000 * 40);
  expect(() => nodeBounds({ workload, variant, feedNs: Number.POSITIVE_INFINITY })).toThrow(/10 min/);
});
