import { describe, expect, test } from 'vitest';
import { needs } from '../scenarios/testing/conditions.ts';
import { startBalancer } from '../load/fleet/balancer.ts';
import { Guard } from '../load/machine/guard.ts';
import { findProgram } from '../load/machine/programs.ts';
import { openScratch } from '../load/machine/scratch.ts';
import { BALANCER_IDS, BALANCERS } from '../servers/balancers.ts';
import { pathExclusion } from '../servers/path.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { isAccepted } from '../scenarios/feed/signal.ts';
import { openTestNode } from '../servers/testing/test-node.ts';
import { numbers, TestSubscriber } from '../servers/testing/test-subscriber.ts';
import { headerProfile, TRANSPORT_IDS, transportRow, type TransportId } from '../servers/registry.ts';
import type { SessionOptions } from '../servers/transport.ts';
import { newAuthority } from '../scenarios/tls/authority.ts';
import { librarySession } from '../load/library/clients.ts';

const transports = TRANSPORT_IDS.filter((id) => 'http' in transportRow(id).dimensions);
const values = { http: '2' } as const;
const trust = await newAuthority(['127.0.0.1']);
const rows = transports.flatMap((transport) => [
  { transport, over: 'TCP', server: {}, client: {} },
  { transport, over: 'TLS', server: { tls: trust.server }, client: { authority: trust.authority } },
]);

/** What is owed to clients over HTTP/2, by the sessions that libraries give. */
async function join(
  transport: TransportId,
  options: Partial<SessionOptions> & { port: number },
): Promise<TestSubscriber> {
  const openSession = await librarySession(transport);
  const subscriber = new TestSubscriber();
  const poll = { originNs: monotonicNs(), intervalNs: 10e6 };
  subscriber.session = openSession(
    { host: '127.0.0.1', position: { kind: 'oldest' }, values, headers: headerProfile('browser'), poll, ...options },
    subscriber,
  );
  await subscriber.until(({ openings, lostReason }) => openings > 0 || lostReason !== undefined);
  return subscriber;
}

describe.each(BALANCER_IDS)('ended at %s, which nodes speak HTTP/1.1 with', (balancer) => {
  const there = needs(findProgram(BALANCERS[balancer].program) !== undefined, `no ${balancer} here`);
  const ended = rows.filter(
    ({ transport, over }) =>
      pathExclusion({ transport, backplane: 'memory' }, { http: '2', balancer }) === undefined &&
      (over === 'TLS' || transport === 'polling'),
  );

  test.each(ended)('$transport over $over', there, async ({ transport, over, client }) => {
    await using node = await openTestNode({ transport, values, http: '1.1' });
    await using cleanup = new AsyncDisposableStack();
    const site = { host: { address: '127.0.0.1', enter: [] }, cores: [], scratch: await openScratch(cleanup), cleanup };
    const front = {
      ...site,
      guard: new Guard(),
      nodes: [{ host: '127.0.0.1', port: node.port }],
      ...(over === 'TLS' && { tls: trust }),
    };
    const { target } = await startBalancer({ id: balancer, tuning: 'tuned', http: '2' }, front);
    const ann = await join(transport, {
      ...client,
      port: target.port,
      member: { user: 'ann', channels: ['feed', 'room:1'] },
    });
    expect(ann.lostReason).toBeUndefined();
    await Promise.all(numbers(1, 50).map(async (index) => node.append({ index })));
    expect(isAccepted(await ann.say({ type: 'send', channel: 'room:1', data: 'hello' }))).toBe(true);
    await ann.untilIn('room:1', 1);
    expect(ann.intact).toBe(true);
    expect(ann.session?.extraConnections ?? 0).toBe(0);
    ann.close();
  });
});

describe.each(rows)('$transport over HTTP/2 over $over', ({ transport, server, client }) => {
  test('delivers in order, and from where a client was', async () => {
    await using node = await openTestNode({ transport, values, ...server });
    const subscriber = await join(transport, { ...client, port: node.port });
    expect(subscriber.lostReason).toBeUndefined();
    await Promise.all(numbers(1, 300).map(async (index) => node.append({ index })));
    await subscriber.untilSeq(300);
    await node.append('x'.repeat(300_000));
    await subscriber.untilSeq(301);
    const back = await join(transport, { ...client, port: node.port, position: { kind: 'after', seq: 299 } });
    await back.untilSeq(301);
    expect(subscriber.sequence).toEqual(numbers(1, 301));
    expect(back.sequence).toEqual([300, 301]);
    expect([subscriber.intact, back.intact, subscriber.early]).toEqual([true, true, 0]);
    expect(subscriber.session?.extraConnections ?? 0).toBe(0);
    expect(subscriber.session?.bytesRead).toBeGreaterThan(300_000);
    subscriber.close();
    back.close();
  });

  test('takes what clients say, and tells who comes and goes', async () => {
    await using node = await openTestNode({ transport, values, ...server });
    const member = { user: 'ann', channels: ['room:1', 'presence'] };
    const ann = await join(transport, { ...client, port: node.port, member });
    const bob = await join(transport, { ...client, port: node.port, member: { user: 'bob', channels: ['room:1'] } });
    expect(isAccepted(await bob.say({ type: 'send', channel: 'room:1', data: 'hello' }))).toBe(true);
    await ann.untilIn('room:1', 1);
    expect(isAccepted(await bob.say({ type: 'join', channel: 'room:2' }))).toBe(true);
    expect(ann.in('room:1')).toEqual(['hello']);
    // Over HTTP/1.1 what is said has a connection of its own.
    expect(bob.session?.extraConnections ?? 0).toBe(0);
    bob.close();
    await ann.until(() => JSON.stringify(ann.in('presence')).includes('user_left'));
    ann.close();
  });

  test('ends as its row says when the node goes', async () => {
    await using node = await openTestNode({ transport, values, ...server });
    const subscriber = await join(transport, { ...client, port: node.port });
    await node.close();
    await subscriber.until(({ end }) => end !== undefined);
    expect(transportRow(transport).goodbye.map(({ code }) => code)).toContain(subscriber.end?.code);
  });
});
