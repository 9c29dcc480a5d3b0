import { DroppedNumbers } from './dropped-numbers.ts';
import { type Entry, type LogBounds, type Numbered, numberedIn } from './log.ts';

/** What a message is about; one that nothing can replace has its own number. */
export type Key = string | number;

interface Row {
  readonly seq: number;
  readonly key: Key;
  readonly channel: string;
  /** Undefined once it was replaced or dropped. */
  entry: Entry | undefined;
}

/** Rows without an entry that may always lie between the others. */
const SPARE_ROWS = 64;

/** The newest message of each key, in the order of their numbers, bounded in messages and bytes as a log is. */
export class NewestValues {
  readonly #bounds: LogBounds;
  readonly #byKey = new Map<Key, Row>();
  #rows: Row[] = [];
  /** Before it no row has an entry. */
  #first = 0;
  #bytes = 0;
  #oldest = 1;
  readonly #dropped = new DroppedNumbers();

  constructor(bounds: LogBounds) {
    this.#bounds = bounds;
  }

  /** From this number on, nothing was dropped that had not been replaced. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The newest that was dropped, and had not been replaced, of those in any of the channels; 0 where there is none. */
  newestDropped(channels: Iterable<string>): number {
    return this.#dropped.newestOf(channels);
  }

  /** Takes a message whose number is above all others'. */
  put(key: Key, seq: number, entry: Entry): void {
    const replaced = this.#byKey.get(key);
    if (replaced !== undefined) this.#empty(replaced);
    const row = { seq, key, channel: numberedIn(entry), entry };
    this.#rows.push(row);
    this.#byKey.set(key, row);
    this.#bytes += entry.length;
    while (this.#isOverBounds()) this.#dropOldest();
    if (this.#rows.length > 2 * this.#byKey.size + SPARE_ROWS) this.#close();
  }

  /** Drops everything; what comes next has a number above `latest`. */
  clear(latest: number): void {
    this.#byKey.clear();
    this.#rows = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#oldest = latest + 1;
    this.#dropped.all(latest);
  }

  /** The message with the lowest number above `seq`, of those in any of the channels, or of all. */
  next(seq: number, channels?: ReadonlySet<string>): Numbered | undefined {
    for (let index = this.#indexAfter(seq); index < this.#rows.length; index++) {
      const row = this.#rows[index];
      if (row?.entry !== undefined && channels?.has(row.channel) !== false) return { seq: row.seq, entry: row.entry };
    }
    return undefined;
  }

  /** All messages with a number above `seq`. */
  after(seq: number): Entry[] {
    const entries: Entry[] = [];
    for (let index = this.#indexAfter(seq); index < this.#rows.length; index++) {
      const entry = this.#rows[index]?.entry;
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  /** By halves. */
  #indexAfter(seq: number): number {
    let low = this.#first;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle]?.seq ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The newest is held in any case. */
  #isOverBounds(): boolean {
    const { messages, bytes } = this.#bounds;
    return this.#byKey.size > 1 && (this.#byKey.size > messages || this.#bytes > bytes);
  }

  #dropOldest(): void {
    let row = this.#rows[this.#first];
    while (row?.entry === undefined && this.#first < this.#rows.length) {
      this.#first += 1;
      row = this.#rows[this.#first];
    }
    if (row === undefined) return;
    this.#empty(row);
    this.#byKey.delete(row.key);
    this.#oldest = row.seq + 1;
    this.#dropped.add(row.channel, row.seq);
  }

  #empty(row: Row): void {
    this.#bytes -= row.entry?.length ?? 0;
    row.entry = undefined;
  }

  #close(): void {
    this.#rows = this.#rows.filter(({ entry }) => entry !== undefined);
    this.#first = 0;
  }
}
