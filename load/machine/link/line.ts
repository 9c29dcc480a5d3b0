import type { Random } from '../../../scenarios/feed/random.ts';
import { queueBytes } from '../../../scenarios/path/links.ts';
import { NS_PER_SECOND } from '../../../scenarios/units.ts';

/** One way of a link, as it is asked for. */
export interface LineOptions {
  readonly delayNs: number;
  /** Of each flow; null where nothing limits it. */
  readonly bitsPerSecond: number | null;
  /** Of the frames, by chance. */
  readonly loss: number;
}

/** What came of the frames that were to go over a line. */
export interface LineCounts {
  readonly frames: number;
  readonly bytes: number;
  /** By chance, as asked. */
  readonly lost: number;
  /** Because more waited than the queue of their flow holds. */
  readonly dropped: number;
}

/** Flows are told apart by a port of 16 bits. */
const FLOWS = 65_536;
const BITS_PER_BYTE = 8;

/**
 * One way of a link: when what is sent at some time comes out at its other end. Each flow has a line of its own, as each
 * client has one to its home: a frame waits until those of its flow before it have left at the rate, leaves in its turn, and
 * is on its way for the delay. What finds the queue full is dropped, the newest first (drop-tail).
 */
export class Line {
  readonly #options: LineOptions;
  readonly #random: Random;
  /** When each flow's line is free. */
  readonly #freeNs: Float64Array | undefined;
  readonly #nsPerByte: number;
  readonly #queueBytes: number;
  #frames = 0;
  #bytes = 0;
  #lost = 0;
  #dropped = 0;

  constructor(options: LineOptions, random: Random) {
    const { bitsPerSecond } = options;
    this.#options = options;
    this.#random = random;
    this.#freeNs = bitsPerSecond === null ? undefined : new Float64Array(FLOWS);
    this.#nsPerByte = bitsPerSecond === null ? 0 : (BITS_PER_BYTE * NS_PER_SECOND) / bitsPerSecond;
    this.#queueBytes = bitsPerSecond === null ? Number.POSITIVE_INFINITY : queueBytes(bitsPerSecond);
  }

  /** When it comes out; undefined where it never does. */
  admit(bytes: number, flow: number, nowNs: number): number | undefined {
    const { delayNs, loss } = this.#options;
    this.#frames += 1;
    this.#bytes += bytes;
    if (loss > 0 && this.#random() < loss) {
      this.#lost += 1;
      return undefined;
    }
    if (this.#freeNs === undefined) return nowNs + delayNs;
    const startNs = Math.max(nowNs, this.#freeNs[flow] ?? 0);
    const waitingBytes = (startNs - nowNs) / this.#nsPerByte;
    if (waitingBytes + bytes > this.#queueBytes) {
      this.#dropped += 1;
      return undefined;
    }
    const leftNs = startNs + bytes * this.#nsPerByte;
    this.#freeNs[flow] = leftNs;
    return leftNs + delayNs;
  }

  get counts(): LineCounts {
    return { frames: this.#frames, bytes: this.#bytes, lost: this.#lost, dropped: this.#dropped };
  }

  /** What is under way stays under way. */
  resetCounts(): void {
    this.#frames = 0;
    this.#bytes = 0;
    this.#lost = 0;
    this.#dropped = 0;
  }
}
