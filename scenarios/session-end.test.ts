import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CountedEnd,
  countedEndInWords,
  endInWords,
  mergeEnds,
  otherEnd,
  PROTOCOL_CAUSE_IDS,
  refusedEnd,
  type SessionEnd,
  SOCKETIO_END_IDS,
  statusEnd,
} from './session-end.ts';

const text = fc.option(fc.constantFrom('too slow', 'client 7', 'client 8'), { nil: undefined });

const end: fc.Arbitrary<SessionEnd> = fc.oneof(
  fc.record({
    code: fc.constantFrom('unreachable', 'connection-lost'),
    system: fc.constantFrom('ECONNREFUSED', 'EPIPE'),
  }),
  fc.record({ code: fc.constantFrom('connection-closed', 'silent', 'cut') }),
  fc.record({ code: fc.constant('http-status' as const), status: fc.constantFrom(403, 503), text }),
  fc.record({ code: fc.constant('websocket-close' as const), closeCode: fc.constantFrom(1001, 1008), text }),
  fc.record({ code: fc.constant('socketio-packet' as const), packet: fc.constantFrom(...SOCKETIO_END_IDS), text }),
  fc.record({
    code: fc.constant('socketio-packet' as const),
    packet: fc.constant('connect-error' as const),
    refusalCode: fc.constantFrom(4001, 4002),
    text,
  }),
  fc.record({ code: fc.constant('protocol' as const), cause: fc.constantFrom(...PROTOCOL_CAUSE_IDS), text }),
  fc.record({ code: fc.constant('other' as const), text }),
);
const ends = fc.array(fc.record({ end, count: fc.integer({ min: 1, max: 9 }) }), { maxLength: 12 });

test('ends merge in any order and grouping', () => {
  fc.assert(
    fc.property(ends, ends, fc.nat(), (left, right, turn) => {
      const all = [...left, ...right];
      const turned = all.toSorted((a, b) => ((a.count * 7 + turn) % 5) - ((b.count * 7 + turn) % 5));
      expect(mergeEnds([...mergeEnds(left), ...mergeEnds(right)])).toEqual(mergeEnds(all));
      expect(mergeEnds(turned)).toEqual(mergeEnds(all));
      expect(mergeEnds(mergeEnds(all))).toEqual(mergeEnds(all));
    }),
  );
});

test('what differs in its text alone is one way to end, and the most frequent way comes first', () => {
  const closed = (closeCode: number, words: string): CountedEnd => ({
    end: { code: 'websocket-close', closeCode, text: words },
    count: 2,
  });
  expect(mergeEnds([closed(1001, 'going away'), closed(1008, 'client 8'), closed(1008, 'client 7')])).toEqual([
    { end: { code: 'websocket-close', closeCode: 1008, text: 'client 7' }, count: 4 },
    { end: { code: 'websocket-close', closeCode: 1001, text: 'going away' }, count: 2 },
  ]);
});

test.each<[SessionEnd, string]>([
  [{ code: 'unreachable', system: 'ECONNREFUSED' }, 'the server cannot be reached (ECONNREFUSED)'],
  [{ code: 'connection-lost', system: 'ECONNRESET' }, 'the connection was lost (ECONNRESET)'],
  [{ code: 'connection-closed' }, 'the server closed the connection'],
  [{ code: 'http-status', status: 503, text: 'Service Unavailable' }, 'the server answered 503 Service Unavailable'],
  [{ code: 'http-status', status: 500 }, 'the server answered 500'],
  [{ code: 'websocket-close', closeCode: 1008, text: 'too slow' }, 'the server closed with 1008 (too slow)'],
  [{ code: 'websocket-close', closeCode: 1005, text: '' }, 'the server closed with 1005'],
  [{ code: 'socketio-packet', packet: 'close' }, 'the server closed the session'],
  [{ code: 'socketio-packet', packet: 'disconnect' }, 'the server disconnected the client'],
  [refusedEnd('Invalid namespace'), 'the server refused the client (Invalid namespace)'],
  [refusedEnd('the token has expired', 4001), 'the server refused the client with 4001 (the token has expired)'],
  [{ code: 'protocol', cause: 'masked' }, 'the server broke the protocol: a frame with a mask'],
  [
    { code: 'protocol', cause: 'opcode', text: '3' },
    'the server broke the protocol: a frame with an unknown opcode (3)',
  ],
  [{ code: 'silent' }, 'the server did not answer in time'],
  [{ code: 'cut' }, 'the connection was cut, as the workload has it'],
  [{ code: 'other', text: 'EOF' }, 'EOF'],
  [{ code: 'other' }, 'for a reason that was not told'],
])('%j in words', (one, words) => {
  expect(endInWords(one)).toBe(words);
});

test('what a peer says is kept only so far', () => {
  const long = 'x'.repeat(60_000);
  expect(JSON.stringify([statusEnd(503, long), otherEnd(long)]).length).toBeLessThan(600);
});

test('what a peer says cannot move the cursor, break the line or flood the report', () => {
  const words = endInWords({
    code: 'websocket-close',
    closeCode: 4000,
    text: `\u001b[2J\r\n\u2028${'x'.repeat(5000)}`,
  });
  expect(words).toMatch(/^the server closed with 4000 \(\\u001b\[2J\\u000d\\u000a\\u2028x+…\)$/);
  expect(words.length).toBeLessThan(200);
});

test('each cause has words of its own', () => {
  const words = PROTOCOL_CAUSE_IDS.map((cause) => endInWords({ code: 'protocol', cause }));
  expect(new Set(words).size).toBe(words.length);
  for (const said of words) expect(said).toMatch(/: \w.{5,}$/);
});

test('ends are counted in words', () => {
  const silent: SessionEnd = { code: 'silent' };
  expect(countedEndInWords({ end: silent, count: 1 })).toBe('a session ended: the server did not answer in time');
  expect(countedEndInWords({ end: silent, count: 2 })).toBe('2 sessions ended: the server did not answer in time');
});

test('words that are none are left out, and long ones are cut where they are taken', () => {
  expect(otherEnd('')).toEqual({ code: 'other' });
  expect(otherEnd('x'.repeat(201))).toEqual({ code: 'other', text: 'x'.repeat(200) });
  expect(statusEnd(500, 'x'.repeat(201))).toEqual({ code: 'http-status', status: 500, text: 'x'.repeat(200) });
});

test('ways that happened equally often stand in an order of their own, whatever order they came in', () => {
  const often: CountedEnd[] = [
    { end: { code: 'silent' }, count: 2 },
    { end: { code: 'connection-closed' }, count: 2 },
    { end: { code: 'unreachable', system: 'EPIPE' }, count: 2 },
    { end: { code: 'unreachable', system: 'ECONNREFUSED' }, count: 2 },
  ];
  const order = ['connection-closed', 'silent', 'unreachable', 'unreachable'];
  expect(mergeEnds(often).map((one) => one.end.code)).toEqual(order);
  expect(mergeEnds(often.toReversed())).toEqual(mergeEnds(often));
});
