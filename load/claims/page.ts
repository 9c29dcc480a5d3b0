import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { ClaimFigures } from '../../scenarios/claims/figures.ts';
import { findChromium, sandboxSwitches } from '../machine/chromium.ts';
import type { ProbeContext } from './probe.ts';

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
export async function measurePage({ cleanup }: Pick<ProbeContext, 'cleanup'>): Promise<ClaimFigures> {
  const executablePath = findChromium();
  const { chromium } = await import('playwright-core');
  const http = createServer((_, response) => response.end('<!doctype html><title>probe</title>'));
  const sockets = new WebSocketServer({ server: http });
  const upgrades: boolean[] = [];
  sockets.on(
    'connection',
    (_, { headers }) => void upgrades.push(headers.authorization?.startsWith('Bearer') === true),
  );
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
  const inPage = (await page.evaluate('typeof WebSocket')) === 'function';
  return {
    pageAuthorization: [upgrades.filter(Boolean).length],
    pageUpgrades: [upgrades.length],
    builtIn: [inPage ? 1 : 0, typeof WebSocket === 'function' ? 1 : 0],
  };
}
