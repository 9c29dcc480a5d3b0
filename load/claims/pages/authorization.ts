import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { FiguresOf } from '../../../scenarios/claims/figures.ts';
import { findChromium, sandboxSwitches } from '../../machine/chromium.ts';
import type { ProbeContext } from '../probe.ts';

/** All the ways in which a page may try to send a header with an upgrade; run in the page. */
const TRIES = `
(url) => Promise.all([
  () => new WebSocket(url, [], { headers: { Authorization: 'Bearer of-the-page' } }),
  () => new WebSocket(url, { headers: { Authorization: 'Bearer of-the-page' } }),
  () => Object.assign(new WebSocket(url), { headers: { Authorization: 'Bearer of-the-page' } }),
  () => new WebSocket(url.replace('//', '//user:of-the-page@')),
].map((open) => new Promise((resolve) => {
  try {
    const socket = open();
    socket.onopen = socket.onerror = () => resolve();
  } catch {
    resolve();
  }
})))`;

/** Whether a page can send `Authorization` with an upgrade, and who has a WebSocket built in. */
export async function measurePage({ cleanup }: Pick<ProbeContext, 'cleanup'>): Promise<FiguresOf<'page'>> {
  const executablePath = findChromium();
  const { chromium } = await import('playwright-core');
  const fetches: boolean[] = [];
  const http = createServer(({ url, headers }, response) => {
    if (url === '/fetch') fetches.push(isOfPage(headers));
    response.end('<!doctype html><link rel="icon" href="data:,"><title>probe</title>');
  });
  const sockets = new WebSocketServer({ server: http });
  const upgrades: boolean[] = [];
  sockets.on('connection', (_, { headers }) => void upgrades.push(headers.authorization !== undefined));
  cleanup.defer(() => void http.close());
  cleanup.defer(() => sockets.close());
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath,
    args: [...sandboxSwitches(), '--disable-background-networking', '--no-first-run'],
  });
  cleanup.defer(async () => browser.close());
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.evaluate(`(${TRIES})(${JSON.stringify(`ws://127.0.0.1:${port}/ws`)})`);
  await page.evaluate(
    `Promise.all([1, 2, 3].map(() => fetch('/fetch', { headers: { Authorization: 'Bearer of-the-page' } })))`,
  );
  const inPage = (await page.evaluate('typeof WebSocket')) === 'function';
  return {
    upgrades: [upgrades.length],
    authorized: [upgrades.filter(Boolean).length],
    fetchesAuthorized: [fetches.filter(Boolean).length / fetches.length],
    builtIn: [inPage ? 1 : 0, typeof WebSocket === 'function' ? 1 : 0],
  };
}

function isOfPage({ authorization }: IncomingHttpHeaders): boolean {
  return authorization === 'Bearer of-the-page';
}
