import { LineSplitter } from './line-splitter.ts';
import { type Line, LINE_MARK } from './lines.ts';

const MOST_WORDS = 2000;

/** Takes a script's output as it comes: lines with the mark go to `onLine`, the rest is what k6 itself has to say. */
export class LineReader {
  readonly #onLine: (line: Line) => void;
  readonly #splitter = new LineSplitter();
  #words = '';

  constructor(onLine: (line: Line) => void) {
    this.#onLine = onLine;
  }

  /** The last thing that k6 itself said, without the stack that may follow it. */
  get lastWords(): string {
    return this.#words.split('\n').findLast((line) => /^\S/.test(line)) ?? '';
  }

  read(text: string): void {
    for (const line of this.#splitter.split(text)) {
      if (line.startsWith(LINE_MARK)) this.#onLine(JSON.parse(line.slice(LINE_MARK.length)) as Line);
      else this.#words = `${this.#words}${line}\n`.slice(-MOST_WORDS);
    }
  }
}
