import type { Arrival } from './audit.ts';

/**
 * Where no schedule is known: of two messages the one with the higher number was published later, for there is one
 * publisher. A body that comes under a second number is misplaced. It imports nothing of Node, so that a script of k6 can
 * use it.
 */
export class PublishingOrder {
  #seq = 0;
  #publishedNs = Number.NEGATIVE_INFINITY;

  arrival(seq: number, publishedNs: number): Arrival {
    if (seq > this.#seq ? publishedNs <= this.#publishedNs : seq < this.#seq && publishedNs >= this.#publishedNs)
      return 'misplaced';
    if (seq > this.#seq) {
      this.#seq = seq;
      this.#publishedNs = publishedNs;
    }
    return 'right';
  }
}
