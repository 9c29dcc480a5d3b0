import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { needs } from '../scenarios/testing/conditions.ts';
import { loadWorkload } from '../scenarios/feed/workload.ts';
import { TRANSPORT_IDS, transportRow, tryItOf } from '../servers/registry.ts';
import { planDoors } from './serving/served-doors.ts';
import { type FeedbenchProcess, startFeedbench } from './testing/feedbench-process.ts';

/** The doors of `feedbench serve`, heard by programs that share no code with it: curl, wscat, and pages in a browser. */

const root = dirname(import.meta.dirname);
const LIBRARY = join(root, 'node_modules/socket.io/client-dist/socket.io.min.js');
const LISTEN = join(import.meta.dirname, 'testing/listen-in-page.js');
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const [friendly, strange] = [await openPages(), await openPages()];

let served: FeedbenchProcess;
let address: string;

beforeAll(async () => {
  served = startFeedbench(['serve', '--port', '0', '--origin', friendly.origin]);
  address = /at (127\.0\.0\.1:\d+)/.exec(await served.printed(/Ctrl-C ends it/))?.[1] ?? '';
  // An answer at once has what there is by then.
  let feed: unknown[] = [];
  while (feed.length < 5) feed = (await (await fetch(`http://${address}/next?since=0`)).json()) as unknown[];
});

afterAll(async () => {
  served.signal('SIGINT');
  const { code, stderr } = await served.exited;
  for (const pages of [friendly, strange]) pages.close();
  if (code !== 0 || stderr !== '') throw new Error(`it ended with ${code}, and said: ${stderr}`);
});

/** A server of empty pages, which is another origin than the node's. */
async function openPages(): Promise<{ origin: string; close: () => void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,">');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * Runs a command as somebody would who pastes it, until its output has what is looked for. What is to be typed is typed a line
 * at a time, each once there is more to see.
 */
async function printedBy(command: string, pattern: RegExp, typed: readonly string[] = []): Promise<string> {
  const shell = spawn('sh', ['-c', command], { cwd: root, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const ended = once(shell, 'close');
  const lines = [...typed];
  let output = '';
  for await (const chunk of shell.stdout) {
    output += String(chunk);
    if (pattern.test(output)) break;
    // A prompt is no line.
    const isAnswered = output.split('\n').length > typed.length - lines.length + 1;
    const line = isAnswered ? lines.shift() : undefined;
    if (line !== undefined) shell.stdin.write(`${line}\n`);
  }
  // With all that it started.
  try {
    process.kill(-(shell.pid ?? Number.NaN), 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  await ended;
  return output;
}

describe('what is said to be tried', needs(hasCurl, 'curl is not installed'), () => {
  const variants = planDoors(
    { transports: TRANSPORT_IDS, backplane: 'memory', asked: {} },
    loadWorkload('ticker'),
  ).variants;

  test.each([...new Set(variants.map(tryItOf))])('shows the feed: %s', { timeout: 60_000 }, async (tryIt) => {
    const command = tryIt.replaceAll('HOST', address);
    const several = /"seq":\d+[^]*"seq":\d+[^]*"seq":\d+/;
    expect(await printedBy(command, several)).toMatch(several);
  });
});

describe('what is said to talk by', needs(hasCurl, 'curl is not installed'), () => {
  const talks = TRANSPORT_IDS.flatMap((id) => transportRow(id).talk ?? []);

  test.each(talks)('is heard: $hear', { timeout: 60_000 }, async ({ hear, say }) => {
    const room = randomUUID();
    const here = (text: string): string => text.replaceAll('HOST', address).replaceAll('lobby', room);
    const said = /"from":"ann".*"data":"hello"/;
    if ('command' in say) await printedBy(here(say.command), /"seq":/);
    expect(await printedBy(here(hear), said, 'typed' in say ? say.typed.map(here) : [])).toMatch(said);
  });
});

describe('in a browser', { ...NEEDS_CHROMIUM, timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch(CHROMIUM);
  }, 60_000);

  afterAll(async () => browser.close());

  async function openListener(origin: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`${origin}/health`);
    await page.addScriptTag({ path: LIBRARY });
    await page.addScriptTag({ path: LISTEN });
    return page;
  }

  async function ways(page: Page): Promise<string[]> {
    return page.evaluate<string[]>('Object.keys(listen)');
  }

  async function hear(page: Page, way: string, base: string): Promise<unknown> {
    return page.evaluate<unknown>(`listen[${JSON.stringify(way)}](${JSON.stringify(base)}).catch(String)`);
  }

  test('a page of the node hears it in every way', async () => {
    const page = await openListener(`http://${address}`);
    for (const way of await ways(page)) expect([way, await hear(page, way, '')]).toEqual([way, [1, 2, 3, 4, 5]]);
    await page.close();
  });

  test('a page of another origin that may ask does, too', async () => {
    const page = await openListener(friendly.origin);
    for (const way of await ways(page))
      expect([way, await hear(page, way, `http://${address}`)]).toEqual([way, [1, 2, 3, 4, 5]]);
    await page.close();
  });

  test('a page of any other origin hears nothing', async () => {
    const page = await openListener(strange.origin);
    for (const way of await ways(page))
      expect([way, await hear(page, way, `http://${address}`)]).toEqual([way, expect.stringMatching(/Error/)]);
    await page.close();
  });

  test.each([
    { name: 'light', colorScheme: 'light', width: 1280 },
    { name: 'dark', colorScheme: 'dark', width: 1280 },
    { name: 'on a phone', colorScheme: 'dark', width: 375 },
  ] as const)('the page of the node shows every lane live, $name', async ({ colorScheme, width }) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://${address}/`);
    const choices = { transports: TRANSPORT_IDS, backplane: 'memory', asked: { nodes: [1] } } as const;
    const lanes = planDoors(choices, loadWorkload('ticker')).variants.length;
    await expect.poll(async () => page.locator('.lane[data-state=live]').count(), { timeout: 30_000 }).toBe(lanes);
    expect(await page.locator('.missed').allTextContents()).toEqual(Array.from({ length: lanes }, () => '0'));
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
