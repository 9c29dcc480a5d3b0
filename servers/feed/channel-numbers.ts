/** What was let go of is cut off when it is so much, and half of all. */
const LEAST_CUT = 64;

/** The numbers of one channel's messages, in their order. */
interface Numbers {
  seqs: number[];
  /** How many of them are gone already. */
  gone: number;
}

/**
 * Which numbers a log holds of each channel: whoever follows a quiet one finds its next message among thousands of others
 * without looking at them. Numbers are added, and let go of, in their order.
 */
export class ChannelNumbers {
  readonly #byChannel = new Map<string, Numbers>();

  add(channel: string, seq: number): void {
    const numbers = this.#byChannel.get(channel);
    if (numbers === undefined) this.#byChannel.set(channel, { seqs: [seq], gone: 0 });
    else numbers.seqs.push(seq);
  }

  /** The oldest of that channel is gone. */
  drop(channel: string): void {
    const numbers = this.#byChannel.get(channel);
    if (numbers === undefined) return;
    numbers.gone += 1;
    if (numbers.gone === numbers.seqs.length) this.#byChannel.delete(channel);
    else if (numbers.gone >= LEAST_CUT && numbers.gone * 2 >= numbers.seqs.length) {
      numbers.seqs = numbers.seqs.slice(numbers.gone);
      numbers.gone = 0;
    }
  }

  clear(): void {
    this.#byChannel.clear();
  }

  /** The first number above `seq` in any of the channels; undefined where there is none. */
  next(channels: Iterable<string>, seq: number): number | undefined {
    let next: number | undefined;
    for (const channel of channels) {
      const numbers = this.#byChannel.get(channel);
      const first = numbers === undefined ? undefined : firstAbove(numbers, seq);
      if (first !== undefined && (next === undefined || first < next)) next = first;
    }
    return next;
  }
}

function firstAbove({ seqs, gone }: Numbers, seq: number): number | undefined {
  let low = gone;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((seqs[middle] ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return seqs[low];
}
