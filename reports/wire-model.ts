/** What a TCP segment adds to what it carries, in bytes: Ethernet 14, IPv4 20, TCP 20 and its timestamps 12. */
export const SEGMENT_OVERHEAD = 66;
/** What fits into a segment at MTU 1500 with timestamps on. */
const SEGMENT_ROOM = 1448;
/** How long Linux waits for something to send an ACK along with (TCP_DELACK_MIN), in seconds. */
const DELAYED_ACK_SECONDS = 0.04;

interface Exchange {
  readonly requestBytes: number;
  readonly answerBytes: number;
}

/** Segments that carry `bytes`. */
export function segmentsOf(bytes: number): number {
  return Math.ceil(bytes / SEGMENT_ROOM);
}

/** ACKs without data that a receiver sends for an answer or a push of so many segments: one for each second segment. */
export function acknowledgements(segments: number): number {
  return Math.ceil(segments / 2);
}

/**
 * Request, answer, ACK, then a pause: the answer takes the request's ACK along, the answer's own ACK finds nothing to
 * travel with. For an answer of one segment this is H + body + 3h.
 */
export function pollExchangeBytes({ requestBytes, answerBytes }: Exchange): number {
  const segments = segmentsOf(answerBytes);
  const packets = segmentsOf(requestBytes) + segments + acknowledgements(segments);
  return requestBytes + answerBytes + SEGMENT_OVERHEAD * packets;
}

/**
 * A request follows each answer at once and takes its ACK along. The server's ACK of the request is held back for an
 * answer to come; `ownAck` of them (0..1) travel alone. For one segment this is H + body + (2 + a)h.
 */
export function heldExchangeBytes({ requestBytes, answerBytes }: Exchange, ownAck: number): number {
  const segments = segmentsOf(answerBytes);
  const packets = segmentsOf(requestBytes) + segments + acknowledgements(segments) - 1 + ownAck;
  return requestBytes + answerBytes + SEGMENT_OVERHEAD * packets;
}

/** A message pushed in a frame, and `acks` ACKs for it. For one segment and one ACK this is P + f + 2h. */
export function pushBytes(frameBytes: number, acks: number): number {
  return frameBytes + SEGMENT_OVERHEAD * (segmentsOf(frameBytes) + acks);
}

/** Header of a WebSocket frame from the server, which does not mask (RFC 6455, section 5.2). */
export function frameHeaderBytes(payloadBytes: number): number {
  if (payloadBytes <= 125) return 2;
  return payloadBytes <= 65_535 ? 4 : 10;
}

/**
 * The fewest ACKs for each pushed message: a receiver that delays its ACKs covers with one of them what arrives within
 * the delay. Above 25 messages a second this falls below 1.
 */
export function fewestAcksPerPush(feedKind: 'fixed' | 'poisson', messagesPerSecond: number): number {
  const within = messagesPerSecond * DELAYED_ACK_SECONDS;
  return 1 / (1 + (feedKind === 'fixed' ? Math.floor(within) : within));
}
