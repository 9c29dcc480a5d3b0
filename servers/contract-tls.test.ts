import { beforeAll, describe, expect, test } from 'vitest';
import { newAuthority, type ThrowAwayAuthority } from '../scenarios/tls/authority.ts';
import { TRANSPORT_IDS, transportRow } from './registry.ts';
import { openTestNode } from './testing/test-node.ts';
import { openTestRelay } from './testing/test-relay.ts';
import { numbers, subscribe } from './testing/test-subscriber.ts';
import { singleValueSets, valuesText } from './testing/value-sets.ts';

/** What every transport owes its clients over TLS 1.3, with each value that takes other halves: the same, and the bytes that cross. */

const rows = TRANSPORT_IDS.flatMap((transport) =>
  singleValueSets(transport)
    .filter(({ origin }) => origin !== 'redis')
    .map((values) => ({ transport, values, said: valuesText(values) })),
);

const PAYLOADS = ['', 'a\nb\r\nc', '🛰️ größer 数', 'x'.repeat(70_000)];
const LAST = PAYLOADS.length + 200;
const WINDOW_MS = 20;
let trust: ThrowAwayAuthority;

beforeAll(async () => {
  trust = await newAuthority(['127.0.0.1']);
});

describe.each(rows)('$transport with $said', ({ transport, values }) => {
  test('delivers everything, counts what crosses, and goes on where it was', async () => {
    const waiting = { latestWindowMs: WINDOW_MS, sharedForMs: WINDOW_MS };
    await using node = await openTestNode({ transport, values, tls: trust.server, ...waiting });
    await using relay = await openTestRelay(node.port);
    const { authority } = trust;
    const subscriber = await subscribe({ transport, values, port: relay.port, authority });
    for (const payload of PAYLOADS) await node.append(payload);
    await Promise.all(numbers(PAYLOADS.length + 1, LAST).map(async (seq) => node.append(`message ${seq}`)));
    await subscriber.untilSeq(LAST);
    expect(subscriber.sequence).toEqual(numbers(1, LAST));
    expect(subscriber.intact).toBe(true);
    const { session } = subscriber;
    // Whoever polls goes on; so both are read until they agree, which a wrong source never would.
    await expect.poll(() => (session?.bytesRead ?? 0) - relay.bytesDown).toBe(0);
    await expect.poll(() => (session?.bytesWritten ?? 0) - relay.bytesUp).toBe(0);
    expect(relay.asked.join('')).not.toContain(transportRow(transport).path);
    subscriber.close();
    const position = { kind: 'after', seq: LAST - 1 } as const;
    const back = await subscribe({ transport, values, port: node.port, authority, position });
    await back.untilSeq(LAST);
    expect(back.sequence).toEqual([LAST]);
    back.close();
  });

  test('who trusts somebody else is lost, and is told why', async () => {
    await using node = await openTestNode({ transport, values, tls: trust.server });
    const { authority } = await newAuthority(['127.0.0.1']);
    const stranger = await subscribe({ transport, values, port: node.port, authority });
    expect(stranger.end).toEqual({ code: 'unreachable', system: 'CERT_SIGNATURE_FAILURE' });
  });
});
