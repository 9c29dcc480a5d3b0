import { z } from 'zod';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { Failure } from '../../scenarios/failures.ts';
import type { DevTools } from './devtools.ts';

const DOCUMENT_PATH = '/feedbench-page';
const HEALTH_PATH = '/health';
/** With these the clock of a page on loopback has steps of 5 µs instead of 100 (cross-origin isolation is for secure origins alone). */
const DOCUMENT_HEADERS = [
  { name: 'Content-Type', value: 'text/html; charset=utf-8' },
  { name: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { name: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
];
/** The steps of the page's clock, and the microsecond to which Chromium tells when it began. */
const CLOCK_ERROR_NS = 101_000;

const contextSchema = z.object({ browserContextId: z.string() });
const targetSchema = z.object({ targetId: z.string() });
const sessionSchema = z.object({ sessionId: z.string() });
const toldSchema = z.object({ payload: z.string() });
const pausedSchema = z.object({ requestId: z.string() });
const metricsSchema = z.object({ metrics: z.array(z.object({ name: z.string(), value: z.number() })) });
const navigatedSchema = z.object({ errorText: z.string().optional() });
const evaluatedSchema = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z
    .object({ text: z.string(), exception: z.object({ description: z.string().optional() }).optional() })
    .optional(),
});

interface PageParts {
  readonly origin: string;
  readonly document: string;
  readonly onTrouble: (words: string) => void;
}

/** One page in a context of its own, as another person's browser would have it: six connections to a host, no shared cache. */
export class Page {
  readonly #devTools: DevTools;
  readonly #session: string;
  readonly #loaded = Promise.withResolvers<void>();
  #originNs = 0;
  #hear: (payload: string) => void = () => undefined;

  private constructor(devTools: DevTools, session: string, { document, onTrouble }: PageParts) {
    this.#devTools = devTools;
    this.#session = session;
    devTools.listen(session, (method, params) => {
      switch (method) {
        case 'Runtime.bindingCalled':
          this.#hear(toldSchema.parse(params).payload);
          return;
        case 'Fetch.requestPaused':
          this.#answer(pausedSchema.parse(params).requestId, document);
          return;
        case 'Page.loadEventFired':
          this.#loaded.resolve();
          return;
        case 'Inspector.targetCrashed':
          onTrouble('a page of Chromium crashed');
          break;
        default:
      }
    });
  }

  static async open(devTools: DevTools, parts: PageParts): Promise<Page> {
    const { origin } = parts;
    const context = contextSchema.parse(await devTools.send('Target.createBrowserContext'));
    // A document that no server has sent is taken for one from anywhere, which may not ask addresses of this machine, or of a network
    // like its own. For origins that are not secure nothing need be permitted, and nothing can be.
    if (isLoopback(origin) || isSecure(origin)) await permit(devTools, { ...context, origin });
    const target = targetSchema.parse(await devTools.send('Target.createTarget', { ...context, url: 'about:blank' }));
    const { sessionId } = sessionSchema.parse(
      await devTools.send('Target.attachToTarget', { ...target, flatten: true }),
    );
    const page = new Page(devTools, sessionId, parts);
    await page.#load(`${origin}${DOCUMENT_PATH}`);
    return page;
  }

  /** The origin of its clock, on the monotonic clock. */
  get originNs(): number {
    return this.#originNs;
  }

  /** Who is told what the page tells; nobody else from now on. */
  hear(listener: (payload: string) => void): void {
    this.#hear = listener;
  }

  /** What the function of `feedbench` in page-client.js returns. */
  async call(name: string, ...parameters: readonly unknown[]): Promise<unknown> {
    const words = parameters.map((parameter) => JSON.stringify(parameter) ?? 'undefined');
    return this.#evaluate(`feedbench.${name}(${words.join(',')})`);
  }

  /** The document comes from here: the server under test has nothing to do with it, and the page has its origin. */
  async #load(url: string): Promise<void> {
    await Promise.all([
      this.#send('Runtime.enable'),
      this.#send('Runtime.addBinding', { name: 'tellFeedbench' }),
      this.#send('Page.enable'),
      this.#send('Emulation.setFocusEmulationEnabled', { enabled: true }),
      this.#send('Fetch.enable', { patterns: [{ urlPattern: url }] }),
    ]);
    await this.#send('Page.navigate', { url });
    await this.#loaded.promise;
    await Promise.all([this.#send('Fetch.disable'), this.#send('Page.disable')]);
    this.#originNs = await this.#clockOrigin();
  }

  #answer(requestId: string, document: string): void {
    const body = Buffer.from(document).toString('base64');
    const answer = { requestId, responseCode: 200, responseHeaders: DOCUMENT_HEADERS, body };
    // A page that has been closed meanwhile needs none.
    this.#send('Fetch.fulfillRequest', answer).catch(() => undefined);
  }

  /**
   * Chromium has the clock of the machine (CLOCK_MONOTONIC), and says on it when the page's own began. Looked at once: what the
   * page's clock says must lie between the moments before and after it was asked.
   */
  async #clockOrigin(): Promise<number> {
    await this.#send('Performance.enable');
    const { metrics } = metricsSchema.parse(await this.#send('Performance.getMetrics'));
    const startSeconds = metrics.find(({ name }) => name === 'NavigationStart')?.value ?? Number.NaN;
    const originNs = Math.round(startSeconds * NS_PER_SECOND);
    const beforeNs = monotonicNs();
    const nowNs = originNs + Number(await this.#evaluate('performance.now()')) * NS_PER_MS;
    if (!(nowNs > beforeNs - CLOCK_ERROR_NS && nowNs < monotonicNs() + CLOCK_ERROR_NS))
      throw new Error('the clock of a page is not that of this machine');
    await this.#send('Performance.disable');
    return originNs;
  }

  async #evaluate(expression: string): Promise<unknown> {
    const told = await this.#send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    const { result, exceptionDetails } = evaluatedSchema.parse(told);
    if (exceptionDetails === undefined) return result.value;
    throw new Error(`a page threw: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  }

  async #send(method: string, params: object = {}): Promise<unknown> {
    return this.#devTools.send(method, params, this.#session);
  }
}

export function isSecure(origin: string): boolean {
  return new URL(origin).protocol === 'https:';
}

/**
 * Whether it takes the certificate of a server is seen before any page needs it, for pages are told of no more than that nothing
 * came. Rejects with a Failure where it does not.
 */
export async function requireTrust(devTools: DevTools, origin: string): Promise<void> {
  const context = contextSchema.parse(await devTools.send('Target.createBrowserContext'));
  const target = targetSchema.parse(await devTools.send('Target.createTarget', { ...context, url: 'about:blank' }));
  const { sessionId } = sessionSchema.parse(await devTools.send('Target.attachToTarget', { ...target, flatten: true }));
  const { errorText = '' } = navigatedSchema.parse(
    await devTools.send('Page.navigate', { url: `${origin}${HEALTH_PATH}` }, sessionId),
  );
  await devTools.send('Target.disposeBrowserContext', context);
  if (!errorText.includes('CERT')) return;
  throw new Failure(
    'missing-program',
    `Chromium does not take the certificate of the servers (${errorText}); take a newer one: it must keep certificates that its user trusts in its profile`,
  );
}

/** It has become two; who has only the one knows neither of them. */
async function permit(devTools: DevTools, place: object): Promise<void> {
  const grant = async (...permissions: readonly string[]): Promise<unknown> =>
    devTools.send('Browser.grantPermissions', { ...place, permissions });
  await grant('localNetworkAccess', 'localNetwork', 'loopbackNetwork').catch(async () => grant('localNetworkAccess'));
}

function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
