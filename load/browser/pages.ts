import { type Browser, type CDPSession, chromium } from 'playwright-core';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import type { TransportId } from '../../servers/registry.ts';
import { sandboxSwitches } from '../machine/chromium.ts';
import { pageDocument } from './page-document.ts';

/** A page is some 100 ms of work, and all of them have the same cores. */
const OPENING_AT_ONCE = 4;
/**
 * What belongs to the window around a page, and not to the page. For each context it loads the suggestions of the address bar, which are
 * two web pages in a renderer of their own, and starts a renderer in advance: 0.8 s of CPU that a user's browser needs once.
 */
const OF_THE_WINDOW = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'PreloadTopChromeWebUI',
  'SpareRendererForSitePerProcess',
];
/** Of Playwright's own list, which a second one replaces: what else Chromium asks the world for, and how it would change an address. */
const OF_THE_WORLD = [
  'AimEnabled',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PreconnectToSearch',
];
/** Nothing of the machine's own but what a page needs; and no way round the private network. */
const SWITCHES = [
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--no-proxy-server',
  `--disable-features=${[...OF_THE_WINDOW, ...OF_THE_WORLD].join(',')}`,
];
const DOCUMENT_PATH = '/feedbench-page';
/** With these the clock of a page on loopback has steps of 5 µs instead of 100 (cross-origin isolation is for secure origins alone). */
const DOCUMENT_HEADERS = [
  { name: 'Content-Type', value: 'text/html; charset=utf-8' },
  { name: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { name: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
];

/** One page in a context of its own, as another person's browser would have it: six connections to a host, no shared cache. */
export class Page {
  /** The origin of its clock, on the monotonic clock. */
  readonly originNs: number;
  readonly #session: CDPSession;
  #hear: (payload: string) => void = () => undefined;

  private constructor(session: CDPSession, originNs: number) {
    this.#session = session;
    this.originNs = originNs;
    session.on('Runtime.bindingCalled', ({ payload }) => this.#hear(payload));
    session.once('Inspector.targetCrashed', () => {
      throw new Error('a page of Chromium crashed');
    });
  }

  static async open(browser: Browser, { origin, document }: { origin: string; document: string }): Promise<Page> {
    const context = await browser.newContext();
    // A document that no server has sent is taken for one from anywhere, which may not ask addresses of this machine. Where it
    // asks for others, nothing need be permitted, and nothing can be: that is for secure origins alone.
    if (isLoopback(origin)) await context.grantPermissions(['local-network-access'], { origin });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: 'tellFeedbench' });
    await answerItself(session, document, `${origin}${DOCUMENT_PATH}`);
    await page.goto(`${origin}${DOCUMENT_PATH}`);
    await session.send('Fetch.disable');
    return new Page(session, await clockOrigin(session));
  }

  /** Who is told what the page tells; nobody else from now on. */
  hear(listener: (payload: string) => void): void {
    this.#hear = listener;
  }

  /** What the function of `feedbench` in page-client.js returns. */
  async call(name: string, ...parameters: readonly unknown[]): Promise<unknown> {
    const words = parameters.map((parameter) => JSON.stringify(parameter) ?? 'undefined');
    return evaluate(this.#session, `feedbench.${name}(${words.join(',')})`);
  }
}

function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** The document comes from here: the server under test has nothing to do with it, and the page has its origin. */
async function answerItself(session: CDPSession, document: string, url: string): Promise<void> {
  session.on('Fetch.requestPaused', ({ requestId }) => {
    const body = Buffer.from(document).toString('base64');
    const answer = { requestId, responseCode: 200, responseHeaders: DOCUMENT_HEADERS, body };
    // A page that has been closed meanwhile needs none.
    session.send('Fetch.fulfillRequest', answer).catch(() => undefined);
  });
  await session.send('Fetch.enable', { patterns: [{ urlPattern: url }] });
}

async function evaluate(session: CDPSession, expression: string): Promise<unknown> {
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression, returnByValue: true });
  if (exceptionDetails !== undefined)
    throw new Error(`a page threw: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value;
}

/**
 * Chromium has the clock of the machine (CLOCK_MONOTONIC), and says on it when the page's own began. Looked at once: what the
 * page's clock says must lie between the moments before and after it was asked.
 */
async function clockOrigin(session: CDPSession): Promise<number> {
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const startSeconds = metrics.find(({ name }) => name === 'NavigationStart')?.value ?? Number.NaN;
  const originNs = Math.round(startSeconds * NS_PER_SECOND);
  const beforeNs = monotonicNs();
  const nowNs = originNs + Number(await evaluate(session, 'performance.now()')) * NS_PER_MS;
  if (!(nowNs > beforeNs - CLOCK_ERROR_NS && nowNs < monotonicNs() + CLOCK_ERROR_NS))
    throw new Error('the clock of a page is not that of this machine');
  await session.send('Performance.disable');
  return originNs;
}

/** The steps of the page's clock, and the microsecond to which Chromium tells when it began. */
const CLOCK_ERROR_NS = 101_000;

/** Which page it is, and of which node. */
export interface PagePlace {
  readonly origin: string;
  readonly transport: TransportId;
}

/** Pages of one Chromium. One that is given back is taken again: who comes back has no new page. */
export class Pages {
  readonly #browser: Promise<Browser>;
  readonly #idle = new Map<string, Page[]>();
  readonly #waiting: (() => void)[] = [];
  #opening = 0;
  #closed = false;

  /** `program` is Chromium; it ends with this process. */
  constructor(program: string) {
    this.#browser = chromium.launch({ executablePath: program, args: [...SWITCHES, ...sandboxSwitches()] });
  }

  /** Resolves when there is a browser; calls `onEnd` where that ends by itself. */
  async ready(onEnd: () => void): Promise<void> {
    const browser = await this.#browser;
    browser.once('disconnected', () => {
      if (!this.#closed) onEnd();
    });
  }

  async take(place: PagePlace): Promise<Page> {
    const idle = this.#idle.get(keyOf(place))?.pop();
    if (idle !== undefined) return idle;
    if (this.#opening >= OPENING_AT_ONCE) await this.#turn();
    else this.#opening += 1;
    try {
      const document = pageDocument(place.transport);
      return await Page.open(await this.#browser, { origin: place.origin, document });
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
    await (await this.#browser).close();
  }
}

function keyOf({ origin, transport }: PagePlace): string {
  return `${transport} ${origin}`;
}
