import type { Feed } from '../../scenarios/feed/kinds/feed-schemas.ts';
/** What a TCP segment adds to what it carries, in bytes: Ethernet 14, IPv4 20, TCP 20 and its timestamps 12. */
const SEGMENT_OVERHEAD = 66;
/** What fits into a segment at MTU 1500 with timestamps on. */
const SEGMENT_ROOM = 1448;
/** How long Linux waits for something to send an ACK along with (TCP_DELACK_MIN), in seconds. */
const DELAYED_ACK_SECONDS = 0.04;

/**
 * What opening and closing a connection takes besides (RFC 9293, sections 3.5 and 3.6): SYN and SYN-ACK with their options, 74 bytes each, and
 * an ACK; then two FINs and an ACK for each, of which none to both travel with a FIN or with the answer.
 */
export const CONNECTION_BYTES = {
  fewest: 2 * 74 + SEGMENT_OVERHEAD + 2 * SEGMENT_OVERHEAD,
  most: 2 * 74 + SEGMENT_OVERHEAD + 4 * SEGMENT_OVERHEAD,
} as const;
export const NO_CONNECTION = { fewest: 0, most: 0 } as const;

interface Exchange {
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** In how many segments the answer comes. */
  readonly answerSegments: number;
}

/** Segments that carry `bytes`. */
export function segmentsOf(bytes: number): number {
  return Math.ceil(bytes / SEGMENT_ROOM);
}

/**
 * Segments of an answer, which fills them; over HTTP/2 Node writes its head (HEADERS) before its body (DATA), each in a segment
 * of its own, because Nagle is off.
 */
export function answerSegmentsOf(bytes: number, values: Readonly<Record<string, unknown>>): number {
  const isHeadApart = values['http'] === '2' && values['balancer'] === undefined;
  return segmentsOf(bytes) + (isHeadApart ? 1 : 0);
}

/**
 * ACKs without data that a receiver sends for an answer or a push of so many segments: at least one for every second
 * segment (RFC 9293, section 3.8.6.3); Linux sends one for each while a connection is young or was idle ("quick ACKs").
 */
export function acknowledgements(segments: number): { readonly fewest: number; readonly most: number } {
  return { fewest: Math.ceil(segments / 2), most: segments };
}

/**
 * Request, answer, ACKs, then a pause: the answer takes the request's ACK along, its own ACKs find nothing to travel
 * with. For an answer of one segment and one ACK this is H + body + 3h.
 */
export function pollExchangeBytes({ requestBytes, answerBytes, answerSegments }: Exchange, acks: number): number {
  const packets = segmentsOf(requestBytes) + answerSegments + acks;
  return requestBytes + answerBytes + SEGMENT_OVERHEAD * packets;
}

/**
 * A request follows each answer at once and takes its last ACK along. The server's ACK of the request is held back for
 * an answer to come; `ownAck` of them (0..1) travel alone. For one segment this is H + body + (2 + a)h.
 */
export function heldExchangeBytes(
  { requestBytes, answerBytes, answerSegments }: Exchange,
  acks: number,
  ownAck: number,
): number {
  const packets = segmentsOf(requestBytes) + answerSegments + acks - 1 + ownAck;
  return requestBytes + answerBytes + SEGMENT_OVERHEAD * packets;
}

/**
 * Something goes one way, something comes back, and the last of them is acknowledged alone, because nothing follows: so many packets
 * at least. Whether the first is acknowledged by what comes back hangs on how soon that comes (RFC 9293, section 3.8.6.3): one
 * packet more at most.
 */
export function lonePackets(bytes: number, packets: number): { readonly low: number; readonly high: number } {
  return { low: bytes + SEGMENT_OVERHEAD * packets, high: bytes + SEGMENT_OVERHEAD * (packets + 1) };
}

/** A message pushed in a frame, and `acks` ACKs for it. For one segment and one ACK this is P + f + 2h. */
export function pushBytes(frameBytes: number, acks: number): number {
  return frameBytes + SEGMENT_OVERHEAD * (segmentsOf(frameBytes) + acks);
}

/**
 * The fewest ACKs for each pushed message: a receiver that delays its ACKs covers with one of them what arrives within
 * the delay. Above 25 messages a second this falls below 1.
 */
export function fewestAcksPerPush(feedKind: Feed['kind'], messagesPerSecond: number): number {
  const within = messagesPerSecond * DELAYED_ACK_SECONDS;
  return 1 / (1 + (feedKind === 'fixed' ? Math.floor(within) : within));
}
