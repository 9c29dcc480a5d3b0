import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { z } from 'zod';
import type { FiguresOf } from '../../../scenarios/claims/figures.ts';
import type { ValueOf } from '../../../scenarios/dimensions.ts';
import { newAuthority, type ServerIdentity } from '../../../scenarios/tls/authority.ts';
import { NS_PER_MS } from '../../../scenarios/units.ts';
import { findChromium, sandboxSwitches } from '../../machine/chromium.ts';
import { trustAuthority } from '../../machine/chromium-trust.ts';
import { startProbeNode } from '../probe-node.ts';
import type { ProbeContext } from '../probe.ts';

/** One more than a browser has connections to a host. */
const STREAMS = 7;
const TRIES = 3;
/** Who has no answer by then is taken to wait for a stream to end. */
const PATIENCE_MS = 1500;
const HOST = '127.0.0.1';

/** What a page sees that holds streams to its own host, and asks for something; then some of them end. Run in the page. */
const HOLD = `
async ({ count, patienceMs }) => {
  const settled = (promise) => Promise.race([
    promise.then(() => true),
    new Promise((resolve) => { setTimeout(resolve, patienceMs, false); }),
  ]);
  const streams = Array.from({ length: count }, () => new EventSource('/events?since=0'));
  const opened = streams.map((stream) => new Promise((resolve) => { stream.onopen = resolve; }));
  await Promise.all(opened.slice(0, -1));
  const beginMs = performance.now();
  const asking = fetch('/messages?since=0').then((answer) => answer.text()).then(() => performance.now());
  const [isAnswered, ...isOpen] = await Promise.all([asking, ...opened].map(settled));
  const endMs = performance.now();
  for (const stream of streams.slice(0, 2)) stream.close();
  const answeredMs = await asking;
  for (const stream of streams) stream.close();
  const protocol = performance.getEntriesByType('resource').find(({ name }) => name.includes('/messages')).nextHopProtocol;
  return {
    open: isOpen.filter(Boolean).length,
    isAnswered,
    protocol,
    answerMs: answeredMs - (isAnswered ? beginMs : endMs),
  };
}`;

const seenSchema = z.strictObject({
  /** How many of the streams stood. */
  open: z.int(),
  isAnswered: z.boolean(),
  /** Of the request, as ALPN names them. */
  protocol: z.string(),
  /** From the request on; where there was no answer, from when two streams had ended. */
  answerMs: z.number(),
});

type Seen = z.output<typeof seenSchema>;

/** A page that holds more streams than a browser has connections to a host, over both versions of HTTP. */
export async function measureStreams({ cleanup, scratch }: ProbeContext): Promise<FiguresOf<'streams'>> {
  const executablePath = findChromium();
  const { chromium } = await import('playwright-core');
  const { authority, server } = await newAuthority([HOST]);
  const profile = join(scratch, 'profile');
  trustAuthority(profile, authority);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...sandboxSwitches(), '--disable-background-networking', '--no-first-run'],
  });
  cleanup.defer(async () => context.close());
  const parts = { cleanup, tls: server };
  const http1 = await hold(context, await serve(parts, { http: '1.1', protocol: 'http/1.1' }));
  const http2 = await hold(context, await serve(parts, { http: '2', protocol: 'h2' }));
  return {
    http1Open: http1.map(({ open }) => open),
    http1Answered: http1.map(({ isAnswered }) => (isAnswered ? 1 : 0)),
    http1FreedNs: http1.map(({ answerMs }) => Math.round(answerMs * NS_PER_MS)),
    http2Open: http2.map(({ open }) => open),
    http2Answered: http2.map(({ isAnswered }) => (isAnswered ? 1 : 0)),
    http2AnswerNs: http2.map(({ answerMs }) => Math.round(answerMs * NS_PER_MS)),
  };
}

interface Served {
  readonly origin: string;
  /** As ALPN names it. */
  readonly protocol: string;
}

/** A node as trials have them. */
async function serve(
  { cleanup, tls }: Pick<ProbeContext, 'cleanup'> & { readonly tls: ServerIdentity },
  { http, protocol }: { readonly http: ValueOf<'http'>; readonly protocol: string },
): Promise<Served> {
  const { host, port } = await startProbeNode({ cleanup }, { transports: ['polling', 'sse'], tls, http });
  return { origin: `https://${host}:${port}`, protocol };
}

/** Each time in a page of its own. */
async function hold(context: BrowserContext, { origin, protocol }: Served): Promise<Seen[]> {
  const all: Seen[] = [];
  for (let number = 0; number < TRIES; number++) {
    const page = await context.newPage();
    await page.goto(`${origin}/health`);
    const settings = { count: STREAMS, patienceMs: PATIENCE_MS };
    const seen = seenSchema.parse(await page.evaluate(`(${HOLD})(${JSON.stringify(settings)})`));
    if (seen.protocol !== protocol) throw new Error(`a page spoke ${seen.protocol} where ${protocol} was offered`);
    all.push(seen);
    await page.close();
  }
  return all;
}
