import type { Recorder } from '../../../scenarios/measures/recording.ts';
import type { SaidMessage, StreamPart } from '../../../scenarios/feed/script.ts';

interface Heard extends StreamPart {
  readonly receivedNs: number;
  /** The client's connection was cut behind it. */
  readonly wasCut: boolean;
}

/** Further than these apart no two streams of one client are; who has lost the end of one does not keep it for ever. */
const MOST_STREAMS = 64;

/**
 * How the streams of one client come: how long until the first message of each can be read, and how long from one to the next,
 * of those that follow each other. What is missing between two makes no gap: the audit has it.
 */
export class StreamPace {
  /** Of each stream the newest. */
  readonly #last = new Map<number, Heard>();

  /** A message that is right has come. False of one that came before, or that an earlier one follows: it is passed over. */
  heard({ part, cuts = false }: SaidMessage, { dueNs, receivedNs }: Times, recorder: Recorder): boolean {
    if (part === undefined) return false;
    const { stream, place } = part;
    const last = this.#last.get(stream);
    if (last !== undefined && place <= last.place) return false;
    if (place === 0) recorder.record('toFirst', Math.max(0, receivedNs - dueNs), dueNs);
    else if (last !== undefined && place === last.place + 1) {
      const gapNs = Math.max(0, receivedNs - last.receivedNs);
      recorder.record('gap', gapNs, dueNs);
      if (last.wasCut) recorder.record('resumption', gapNs, dueNs);
    }
    this.#last.set(stream, { stream, place, receivedNs, wasCut: cuts });
    for (const known of this.#last.keys()) if (known <= stream - MOST_STREAMS) this.#last.delete(known);
    return true;
  }
}

interface Times {
  readonly dueNs: number;
  readonly receivedNs: number;
}
