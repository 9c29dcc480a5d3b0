export interface Range {
  readonly from: number;
  readonly to: number;
}

/** There is one set a subscriber, and most of them stay empty. */
const NONE: Range[] = [];

/** A set of whole numbers as ranges in order: a hole of any size takes the room of one range. */
export class NumberRanges {
  #ranges = NONE;

  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  /** Does nothing where `to` is below `from`. */
  add(from: number, to: number): void {
    if (to < from) return;
    // Mostly above all others, and there may be many.
    if (from > (this.#ranges.at(-1)?.to ?? 0) + 1) this.#append({ from, to });
    else this.#join(from, to);
  }

  #append(range: Range): void {
    if (this.#ranges === NONE) this.#ranges = [range];
    else this.#ranges.push(range);
  }

  #join(from: number, to: number): void {
    const before = this.#ranges.filter((range) => range.to < from - 1);
    const after = this.#ranges.filter((range) => range.from > to + 1);
    const joined = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    const whole = {
      from: Math.min(from, joined[0]?.from ?? from),
      to: Math.max(to, joined.at(-1)?.to ?? to),
    };
    this.#ranges = [...before, whole, ...after];
  }

  /** Whether `number` was in the set. */
  remove(number: number): boolean {
    const index = this.#ranges.findIndex(({ from, to }) => number >= from && number <= to);
    const range = this.#ranges[index];
    if (range === undefined) return false;
    const rest = [
      { from: range.from, to: number - 1 },
      { from: number + 1, to: range.to },
    ].filter(({ from, to }) => from <= to);
    this.#ranges = [...this.#ranges.slice(0, index), ...rest, ...this.#ranges.slice(index + 1)];
    return true;
  }

  /** How many numbers of `from`..`to` are in the set. */
  countWithin(from: number, to: number): number {
    return this.#ranges.reduce(
      (sum, range) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from) + 1),
      0,
    );
  }

  /** How many numbers up to `most` are in both sets. */
  countShared(other: NumberRanges, most: number): number {
    return this.#ranges.reduce((sum, { from, to }) => sum + other.countWithin(from, Math.min(to, most)), 0);
  }

  copy(): NumberRanges {
    const copied = new NumberRanges();
    copied.#ranges = this.#ranges === NONE ? NONE : [...this.#ranges];
    return copied;
  }
}
