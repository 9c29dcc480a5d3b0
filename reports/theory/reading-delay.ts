/** A broadcast on its way into one process of a generator: messages that come one after the other, and are read so. */
interface Broadcast {
  /** How many of them: the clients that the process holds. */
  readonly messages: number;
  /** From one to the next as they arrive: the server's CPU time of a delivery, shared by the cores that send. */
  readonly arrivalNs: number;
  /** The generator's CPU time to take one. */
  readonly readNs: number;
}

/**
 * How long the message in that place, counted from 1, waits at the client for the generator's own work. Reading overlaps
 * with sending: a process that takes a message faster than the next one comes never queues, and a slower one falls behind
 * by the difference with each. Waking a process up is not in it, nor the way through its event loop.
 */
function readingDelayNs({ arrivalNs, readNs }: Broadcast, place: number): number {
  return readNs + (place - 1) * Math.max(0, readNs - arrivalNs);
}

/** Of the message in the middle. */
export function medianReadingDelayNs(broadcast: Broadcast): number {
  return readingDelayNs(broadcast, (broadcast.messages + 1) / 2);
}

/** Of the message in the middle, where all of them lie there before the first is read: it cannot wait longer. */
export function medianBacklogDelayNs({ messages, readNs }: Broadcast): number {
  return ((messages + 1) * readNs) / 2;
}

/** Of the last one. */
export function longestReadingDelayNs(broadcast: Broadcast): number {
  return readingDelayNs(broadcast, Math.max(1, broadcast.messages));
}
