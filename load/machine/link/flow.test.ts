import { expect, test } from 'vitest';
import { flowOf } from './flow.ts';

/** An Ethernet frame with an IPv4 header of so many words, and the ports behind it. */
function frame({ type = 0x08_00, words = 5, protocol = 6, place = 0, from = 40_000, to = 8080 } = {}): Buffer {
  const bytes = Buffer.alloc(14 + words * 4 + 20);
  bytes.writeUInt16BE(type, 12);
  bytes[14] = 0x40 | words;
  bytes.writeUInt16BE(place, 20);
  bytes[23] = protocol;
  bytes.writeUInt16BE(from, 14 + words * 4);
  bytes.writeUInt16BE(to, 14 + words * 4 + 2);
  return bytes;
}

test('the flow of TCP and UDP is the port of the client, behind options too', () => {
  for (const protocol of [6, 17])
    for (const words of [5, 8]) {
      const bytes = frame({ protocol, words });
      expect([flowOf(bytes, bytes.length, 'sender'), flowOf(bytes, bytes.length, 'receiver')]).toEqual([40_000, 8080]);
    }
});

test('what has no ports is of one flow: ARP, ICMP, later fragments, and what is cut short', () => {
  for (const bytes of [frame({ type: 0x08_06 }), frame({ protocol: 1 }), frame({ place: 5 })])
    expect(flowOf(bytes, bytes.length, 'sender')).toBe(0);
  expect(flowOf(frame(), 36, 'sender')).toBe(0);
  expect(flowOf(frame(), 20, 'sender')).toBe(0);
  // "Don't fragment" is a bit beside it.
  const whole = frame({ place: 0x40_00 });
  expect(flowOf(whole, whole.length, 'sender')).toBe(40_000);
});
