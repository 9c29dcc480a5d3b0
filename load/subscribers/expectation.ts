import { crc32 } from 'node:zlib';
import type { MessageHeader } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import type { PlannedFeed } from '../../scenarios/feed/schedule.ts';
import type { Arrival } from './audit.ts';
import { DueTimes } from './due-times.ts';

/** So many bytes of payload are made beforehand, which takes a second or so. */
const MOST_HELD_BYTES = 64 * 1024 * 1024;

/** Of how many messages, from the first on, the data is held against the feed too. */
export function messagesWithKnownData({ messages, payload }: Expected): number {
  return Math.min(messages, Math.floor(MOST_HELD_BYTES / payload.bytes));
}

/** A feed, how many messages it has, and which of them have to come. */
export interface Expected extends PlannedFeed {
  readonly messages: number;
  /** Where a newer message of the same key may take another's place: how much later it may be due. Absent: all have to come. */
  readonly replacedWithinNs?: number;
}

/**
 * What has to arrive, known from the seed and the schedule alone: nothing that the system under test says is believed. Message
 * n is due at its time and holds its data; one that is intact and is not that message is misplaced.
 *
 * The data's checksums are made here, once for all subscribers of a process and before anybody connects. A delivery only
 * compares: the first subscriber to get a message has its data looked at, the others its whole checksum.
 */
export class Expectation {
  readonly #dueTimes: DueTimes;
  readonly #dataCrcs: Uint32Array;
  /** Of each message the checksum of a whole body that was found to hold the right data; 0 before. */
  readonly #rightCrcs: Uint32Array;

  constructor(expected: Expected) {
    this.#dueTimes = new DueTimes(expected);
    const known = messagesWithKnownData(expected);
    this.#dataCrcs = Uint32Array.from({ length: known }, (_, index) =>
      crc32(payloadData(expected.payload, expected.seed, index)),
    );
    this.#rightCrcs = new Uint32Array(known);
  }

  begin(originNs: number): void {
    this.#dueTimes.begin(originNs);
  }

  /** How many messages are due by that moment. */
  dueBy(momentNs: number): number {
    return this.#dueTimes.dueBy(momentNs);
  }

  /** What the message that `header` has just read is. */
  arrival(header: MessageHeader): Arrival {
    if (!header.intact) return 'corrupted';
    return this.#dueTimes.fit(header.seq, header.dueNs) && this.#dataFits(header) ? 'right' : 'misplaced';
  }

  #dataFits(header: MessageHeader): boolean {
    const index = header.seq - 1;
    if (index >= this.#dataCrcs.length || header.crc === this.#rightCrcs[index]) return true;
    if (header.dataCrc() !== this.#dataCrcs[index]) return false;
    this.#rightCrcs[index] = header.crc;
    return true;
  }
}
