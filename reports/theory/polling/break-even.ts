/** What a way of getting messages took on the wire. */
export interface WayBytes {
  readonly cadence: 'interval' | 'push';
  /** P. */
  readonly messageBytes: number;
  /** Beside the messages: of a push; of a poll with its answer, with as many of them as there were. */
  readonly extraBytes: number;
  /** In the answer to a poll, empty ones counted; 1 where nothing is asked for. */
  readonly messagesPerAnswer: number;
}

const SEGMENT_BYTES = 1448;
/** h. */
const AROUND_BYTES = 66;
/** Of a further segment with the ACKs that it has on average: three for four. */
const MORE_BYTES = AROUND_BYTES * 1.75;
const LEAST_MESSAGES = 0.01;
const MOST_MESSAGES = 1000;
const HALVINGS = 60;

/**
 * On the wire beside each message, where so many come in the interval between two polls. Answers are of all lengths around that, so
 * segments count by their share.
 */
export function extraBytesAt(way: WayBytes, messages: number): number {
  if (way.cadence === 'push') return way.extraBytes;
  const segments = (count: number): number => Math.max(1, (count * way.messageBytes) / SEGMENT_BYTES);
  return (way.extraBytes + MORE_BYTES * (segments(messages) - segments(way.messagesPerAnswer))) / messages;
}

/** Of a poll with its answer: H on the socket, and h around its segments and their ACKs, three where the answer is one segment. */
export function exchangeBytes(headBytes: number, bytesInAnswer: number): number {
  return headBytes + 3 * AROUND_BYTES + MORE_BYTES * (Math.max(1, bytesInAnswer / SEGMENT_BYTES) - 1);
}

/**
 * From how many messages an interval on polling takes no more bytes than pushing: (H + 3h) ÷ (f + 2h), and more where the answer takes
 * several segments. Undefined where that is never so, or always.
 */
export function breakEvenMessages(poll: WayBytes, push: WayBytes): number | undefined {
  const isCheaper = (messages: number): boolean => extraBytesAt(poll, messages) <= extraBytesAt(push, messages);
  let [low, high] = [LEAST_MESSAGES, MOST_MESSAGES];
  if (isCheaper(low) || !isCheaper(high)) return undefined;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = Math.sqrt(low * high);
    if (isCheaper(middle)) high = middle;
    else low = middle;
  }
  return high;
}
