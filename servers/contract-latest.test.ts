import { describe, expect, test } from 'vitest';
import { needs } from '../scenarios/testing/conditions.ts';
import type { ValueOf } from '../scenarios/dimensions.ts';
import { BACKPLANE_IDS, BACKPLANES, isGoodFor, TRANSPORT_IDS, type TransportId, transportRow } from './registry.ts';
import { missedBy } from './testing/conflation.ts';
import { openTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts';
import { hasRedis, redisOfFile } from './testing/test-redis.ts';
import { openTestRelay } from './testing/test-relay.ts';
import { numbers, subscribe, type TestSubscriber } from './testing/test-subscriber.ts';

/** What every transport that can give the newest of each key alone owes its clients then, over every backplane. */

const rows = TRANSPORT_IDS.filter((transport) => transportRow(transport).dimensions.deliver !== undefined).flatMap(
  (transport) =>
    BACKPLANE_IDS.filter((backplane) => BACKPLANES[backplane].sharesLog && isGoodFor(backplane, transport)).flatMap(
      (backplane) => waysToAsk(transport).map((ask) => ({ transport, backplane, ask })),
    ),
);

/** For what is new, and where it can be had for all that there is. */
function waysToAsk(transport: TransportId): ValueOf<'ask'>[] {
  return transportRow(transport).dimensions.ask === undefined ? ['since'] : ['since', 'etag'];
}
const kilobytes64 = 'x'.repeat(64 * 1024);

const redisOption = redisOfFile();

describe.each(rows)(
  'the newest of each key by $transport over $backplane, asked for by $ask',
  ({ transport, backplane, ask }) => {
    const needed = needs(hasRedis || !BACKPLANES[backplane].needsRedis, 'redis-server is not installed');
    const values = { deliver: 'latest', ask } as const;
    const keys = ['ACME', 'GLOBX', undefined, 'ACME', 'ACME', 'HOOLI', 'GLOBX'];
    const keyOf = (seq: number): string | undefined => keys[(seq - 1) % keys.length];
    const dataOf = (seq: number, pad = ''): unknown =>
      keyOf(seq) === undefined ? `no key ${seq}` : { key: keyOf(seq), pad };

    async function open(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
      return openTestNode({ transport, backplane, ...redisOption(), values, latestWindowMs: 20, ...options });
    }

    /** All of them at once. */
    async function appendAll(node: TestNode, seqs: readonly number[], pad = ''): Promise<void> {
      await Promise.all(seqs.map(async (seq) => node.append(dataOf(seq, pad))));
    }

    function expectNewest({ sequence, intact }: TestSubscriber, latest: number): void {
      expect(missedBy(sequence, { latest, keyOf })).toEqual([]);
      expect(sequence).toEqual([...new Set(sequence)].toSorted((a, b) => a - b));
      expect(intact).toBe(true);
    }

    test('comes to everybody, in order and once, and of a burst not all else', needed, async () => {
      await using node = await open();
      const early = await subscribe({ transport, values, port: node.port });
      for (const last of [70, 140, 210]) {
        await appendAll(node, numbers(last - 69, last));
        await early.untilSeq(last);
      }
      const late = await subscribe({ transport, values, port: node.port });
      await late.untilSeq(210);
      for (const subscriber of [early, late]) {
        expectNewest(subscriber, 210);
        expect(subscriber.notices).toEqual([]);
        expect(subscriber.sequence.length).toBeLessThan(210);
        subscriber.close();
      }
      expect(late.sequence).toEqual(numbers(1, 210).filter((seq) => keyOf(seq) === undefined || seq > 210 - 3));
    });

    test('comes to whoever was away, as far as it is newer than what that client has', needed, async () => {
      await using node = await open();
      await appendAll(node, numbers(1, 70));
      await node.until(({ appended }) => appended === 70);
      const back = await subscribe({ transport, values, port: node.port, position: { kind: 'after', seq: 69 } });
      await node.append(dataOf(71));
      await back.untilSeq(71);
      expect(back.sequence).toEqual([70, 71]);
      expect(back.notices).toEqual([]);
      back.close();
    });

    test('comes to whoever reads slowly, and to others meanwhile', needed, async () => {
      await using node = await open({ sendBufferBytes: 64 * 1024 });
      await using relay = await openTestRelay(node.port);
      const slow = await subscribe({ transport, values, port: relay.port });
      const quick = await subscribe({ transport, values, port: node.port });
      relay.stall();
      for (const last of [70, 140, 210, 280]) {
        await appendAll(node, numbers(last - 69, last), kilobytes64.slice(0, 32 * 1024));
        await quick.untilSeq(last);
      }
      relay.resume();
      await slow.untilSeq(280);
      expectNewest(slow, 280);
      expectNewest(quick, 280);
      expect(node.slowConsumers).toBe(0);
      slow.close();
      quick.close();
    });
  },
);
