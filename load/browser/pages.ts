import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransportId } from '../../servers/registry.ts';
import { trustAuthority } from '../machine/chromium-trust.ts';
import { DevTools } from './devtools.ts';
import { isSecure, Page, requireTrust } from './page.ts';
import { pageDocument } from './page-document.ts';
import { profileOf, switchesOf } from './switches.ts';

/** A page is some 100 ms of work, and all of them have the same cores. */
const OPENING_AT_ONCE = 4;

/** Chromium has a socket two folders below, whose path has 103 bytes at most where systems are strictest (`sun_path`). */
const LONGEST_PLACE = 41;

export interface PagesParts {
  /** Chromium. */
  readonly program: string;
  /** Whom it trusts to vouch for servers, as PEM, as if its user had imported that. */
  readonly authority: string | undefined;
  /** Told why pages end by themselves. */
  readonly onTrouble: (words: string) => void;
}

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
  /** Of each origin that is spoken to over TLS, when it was found to be trusted. */
  readonly #trusted = new Map<string, Promise<void>>();
  #opening = 0;
  #closed = false;

  /** Chromium ends with this process, and so does what it has on the disk. */
  constructor({ program, authority, onTrouble }: PagesParts) {
    const folder = mkdtempSync(join(tmpdir().length > LONGEST_PLACE ? '/tmp' : tmpdir(), 'feedbench-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    this.#onTrouble = (words) => {
      if (!this.#closed) onTrouble(words);
    };
    if (authority !== undefined) trustAuthority(profileOf(folder), authority);
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
      await this.#requireTrust(place.origin);
      const document = pageDocument(place.transport);
      return await Page.open(this.#devTools, { origin: place.origin, document, onTrouble: this.#onTrouble });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#opening -= 1;
      else next();
    }
  }

  async #requireTrust(origin: string): Promise<void> {
    if (!isSecure(origin)) return;
    const trusted = this.#trusted.get(origin) ?? requireTrust(this.#devTools, origin);
    this.#trusted.set(origin, trusted);
    await trusted;
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
