import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { needs } from '../scenarios/testing/conditions.ts';
import type { ValueOf } from '../scenarios/dimensions.ts';
import { BACKPLANE_IDS, BACKPLANES, isGoodFor } from './backplanes.ts';
import { TRANSPORT_IDS, type TransportId, transportRow } from './registry.ts';
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

const ROOM = 'room:1';
const SAID = 60;

describe.each(rows.filter(({ ask }) => ask === 'since'))(
  'the newest of each sender by $transport over $backplane',
  ({ transport, backplane }) => {
    const { needsRedis } = BACKPLANES[backplane];
    const needed = needs(hasRedis || !needsRedis, 'redis-server is not installed');
    const values = { deliver: 'latest' } as const;

    async function open(feed = randomUUID()): Promise<TestNode> {
      return openTestNode({ transport, backplane, feed, ...redisOption(), values, key: { kind: 'sender' } });
    }

    async function enter({ port }: TestNode, user: string, channels = [ROOM]): Promise<TestSubscriber> {
      return subscribe({ transport, port, member: { user, channels }, pollIntervalMs: 50 });
    }

    /** All at once. */
    async function sayAll(who: TestSubscriber, channel: string, count = SAID): Promise<void> {
      const answers = await Promise.all(
        numbers(1, count).map(async (n) => who.say({ type: 'send', channel, n, data: n })),
      );
      expect(answers.filter((answer) => !('seq' in answer))).toEqual([]);
    }

    function expectNewest({ heard, notices }: TestSubscriber, from: string): void {
      const own = heard.filter((one) => one.channel === ROOM && one.from === from).map(({ n }) => n);
      expect(own).toEqual([...new Set(own)].toSorted((a, b) => a - b));
      expect(own.at(-1)).toBe(SAID);
      expect(notices).toEqual([]);
    }

    test('comes to everybody in the room, and nothing is left out that is no value', needed, async () => {
      await using node = await open();
      const ann = await enter(node, 'ann');
      const ben = await enter(node, 'ben', [ROOM, 'presence', 'server:1']);
      await Promise.all([sayAll(ann, ROOM), sayAll(ben, ROOM), sayAll(ann, 'user:ben'), sayAll(ann, 'server:1')]);
      await node.append('of the publisher, whom nobody follows here');
      const untilAll = async (one: TestSubscriber): Promise<void> => {
        await one.until(({ heard }) => heard.filter(({ channel, n }) => channel === ROOM && n === SAID).length === 2);
        for (const from of ['ann', 'ben']) expectNewest(one, from);
      };
      await Promise.all([ann, ben].map(untilAll));
      const cid = await enter(node, 'cid');
      await untilAll(cid);
      await ben.untilIn('presence', 2);
      // Long-polling answers what a burst has so far, and asks again: there are fewer all the same.
      expect(ben.in(ROOM).length).toBeLessThan(2 * SAID);
      expect(cid.heard.map(({ from, n }) => [from, n]).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
        ['ann', SAID],
        ['ben', SAID],
      ]);
      await ben.untilIn('user:ben', SAID);
      await ben.untilIn('server:1', SAID);
      expect([ben.in('user:ben'), ben.in('server:1')]).toEqual([numbers(1, SAID), numbers(1, SAID)]);
      for (const one of [ann, ben, cid]) one.close();
    });

    test('comes from the clients of all nodes to those of all', needed, async () => {
      const feed = randomUUID();
      await using one = await open(feed);
      await using other = await open(feed);
      await using third = await open(feed);
      const nodes = needsRedis ? [one, other, third] : [one, one, one];
      const members = await Promise.all(
        nodes.map(async (node, index) => enter(node, ['ann', 'ben', 'cid'][index] ?? '')),
      );
      await Promise.all(members.map(async (member) => sayAll(member, ROOM)));
      for (const member of members) {
        await member.until(({ heard }) => heard.filter(({ n }) => n === SAID).length === members.length);
        for (const from of ['ann', 'ben', 'cid']) expectNewest(member, from);
        member.close();
      }
    });
  },
);

describe('who waits for an answer', () => {
  test('waits for the end of a window, and does not end it for all others', async () => {
    const values = { deliver: 'latest' } as const;
    const transport = 'long-polling';
    const key = { kind: 'sender' } as const;
    await using node = await openTestNode({ transport, values, key, latestWindowMs: 60_000, holdMs: 400 });
    const ask = async (user: string, since: number): Promise<string> => {
      const url = `http://127.0.0.1:${node.port}/next?since=${since}&channels=room:1&user=${user}&tab=1`;
      return (await fetch(url)).text();
    };
    await ask('ben', 0);
    // That ben came began a window.
    const body = JSON.stringify({ type: 'send', channel: 'room:1', n: 1, data: 'held back' });
    await fetch(`http://127.0.0.1:${node.port}/next?user=ann`, { method: 'POST', body });
    const health = (await (await fetch(`http://127.0.0.1:${node.port}/health`)).json()) as { readonly latest: number };
    let answers = 0;
    const held = ask('ben', 1).then((answer) => {
      answers += 1;
      return answer;
    });
    await fetch(`http://127.0.0.1:${node.port}/health`);
    await fetch(`http://127.0.0.1:${node.port}/health`);
    expect(answers).toBe(0);
    expect(await held).toBe('[]');
    // Who has more comes from a node whose window has ended.
    expect(await ask('ben', health.latest)).toBe('[]');
    expect(await ask('ben', 1)).toContain('held back');
  });
});
