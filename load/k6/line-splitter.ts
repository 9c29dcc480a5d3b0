const MIB = 2 ** 20;
/** Scripts tell each second what they have seen: no line of theirs comes near it. */
const MOST_CHARACTERS = 16 * MIB;

/** What no script of ours has printed. */
export class LineTooLong extends RangeError {
  constructor() {
    super(`longer than ${MOST_CHARACTERS / MIB} MiB`);
  }
}

/** Cuts text into lines, however it comes in pieces. */
export class LineSplitter {
  #begun = '';

  /** The lines that end in it. Throws LineTooLong, behind those before it, for one that has not ended by then. */
  *split(text: string): Generator<string> {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      yield this.#begun + text.slice(start, end);
      this.#begun = '';
      start = end + 1;
    }
    this.#begun += text.slice(start);
    if (this.#begun.length <= MOST_CHARACTERS) return;
    this.#begun = '';
    throw new LineTooLong();
  }

  /** What stands behind the last line's end. */
  get rest(): string {
    return this.#begun;
  }
}
