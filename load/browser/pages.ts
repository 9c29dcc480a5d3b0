import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransportId } from '../../servers/registry.ts';
import { DevTools } from './devtools.ts';
import { Page } from './page.ts';
import { pageDocument } from './page-document.ts';
import { switchesOf } from './switches.ts';

/** A page is some 100 ms of work, and all of them have the same cores. */
const OPENING_AT_ONCE = 4;

/** Chromium has a socket two folders below, whose path has 103 bytes at most where systems are strictest (`sun_path`). */
const LONGEST_PLACE = 41;

/** Which page it is, and of which node. */
export interface PagePlace {
  readonly origin: string;
  readonly transport: TransportId;
}

/** Pages of one Chromium. One that is given back is taken again: who comes back has no new page. */
export class Pages {
  readonly #devTools: DevTools;
  readonly #onTrouble: (words: string) => void;
  readonly #idle = new Map<string, Page[]>();
  readonly #waiting: (() => void)[] = [];
  #opening = 0;
  #closed = false;

  /** `program` is Chromium; it ends with this process, and so does what it has on the disk. `onTrouble` is told why pages end by themselves. */
  constructor(program: string, onTrouble: (words: string) => void) {
    const folder = mkdtempSync(join(tmpdir().length > LONGEST_PLACE ? '/tmp' : tmpdir(), 'feedbench-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    this.#onTrouble = (words) => {
      if (!this.#closed) onTrouble(words);
    };
    this.#devTools = new DevTools([program, ...switchesOf(folder)], { ...process.env, TMPDIR: folder }, () =>
      this.#onTrouble('Chromium ended by itself'),
    );
  }

  async take(place: PagePlace): Promise<Page> {
    const idle = this.#idle.get(keyOf(place))?.pop();
    if (idle !== undefined) return idle;
    if (this.#opening >= OPENING_AT_ONCE) await this.#turn();
    else this.#opening += 1;
    try {
      const document = pageDocument(place.transport);
      return await Page.open(this.#devTools, { origin: place.origin, document, onTrouble: this.#onTrouble });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#opening -= 1;
      else next();
    }
  }

  async #turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  }

  giveBack(place: PagePlace, page: Page): void {
    page.hear(() => undefined);
    const idle = this.#idle.get(keyOf(place)) ?? [];
    this.#idle.set(keyOf(place), [...idle, page]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#devTools.close();
  }
}

function keyOf({ origin, transport }: PagePlace): string {
  return `${transport} ${origin}`;
}
