import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { Server } from 'socket.io';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { CHROMIUM, NEEDS_CHROMIUM } from '../../scenarios/testing/chromium.ts';
import { TRANSPORT_IDS, type TransportId, transportRow } from '../registry.ts';
import { HeadRecorder } from './head-recorder.ts';
import { openTestNode } from '../testing/test-node.ts';
import { subscribe } from '../testing/test-subscriber.ts';
import type { HeaderProfile } from '../transport.ts';
import { HEADER_PROFILES } from './header-profiles.ts';

/**
 * The header profile `browser` against what the system's Chromium sends to its own server, byte for byte: all but the numbers
 * of its version, the brands that it makes up from them, and that it says it has no screen.
 */

/** A page that asks in every way in which pages follow a feed. */
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script src="/socket.io/socket.io.js"></script><script>
const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
fetch('/fetch').then(() => fetch('/post', post)).then(() => {
  new EventSource('/events');
  new WebSocket('/upgrade', 'json');
  io({ transports: ['polling'] });
});
</script>`;

/** What a server answers so that the page goes on asking. */
async function openServer(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(PAGE);
    else if (request.url === '/events') response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    else if (request.url === '/fetch' || request.url === '/post') response.end('[]');
  });
  const io = new Server(server, { destroyUpgrade: false, transports: ['polling'] });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await io.close();
      server.closeAllConnections();
    },
  };
}

/** The first line of the head of each kind of request. */
const KINDS: Readonly<Record<keyof HeaderProfile, RegExp>> = {
  fetch: /^GET \/fetch /,
  fetchPost: /^POST \/post /,
  events: /^GET \/events /,
  upgrade: /^GET \/upgrade /,
  xhr: /^GET \/socket\.io\/\?EIO=4&transport=polling/,
  xhrPost: /^POST \/socket\.io\/\?EIO=4&transport=polling/,
};
const kinds = Object.keys(KINDS) as (keyof HeaderProfile)[];

/** What the protocol needs, which clients say by themselves. */
const OF_THE_PROTOCOL =
  /^(?:Host|Connection|Upgrade|Content-Length|Sec-WebSocket-Key|Sec-WebSocket-Version|Sec-WebSocket-Protocol):/;

function linesOf(head: string): string[] {
  return head.trimEnd().split('\r\n').slice(1);
}

/** With a screen, and the version and the brands that the profile has. */
function asProfiled(head: string): string {
  const brands = HEADER_PROFILES.browser.fetch('').find((line) => line.startsWith('sec-ch-ua:')) ?? '';
  const version = /Chrome\/[\d.]+/.exec(HEADER_PROFILES.browser.fetch('').join('\n'))?.[0] ?? '';
  return head
    .replace(/Headless(?=Chrome)/, '')
    .replace(/Chrome\/[\d.]+/, version)
    .replace(/^sec-ch-ua:.*(?=\r)/m, brands);
}

/** The heads of all kinds that Chromium sends to a server, with the cookies of the profile. */
async function recordChromium(): Promise<{ host: string; heads: readonly string[] }> {
  const server = await openServer();
  await using recorder = await new HeadRecorder(server.port).open();
  const host = `127.0.0.1:${recorder.port}`;
  const browser = await chromium.launch(CHROMIUM);
  const context = await browser.newContext();
  await context.addCookies(cookies().map((cookie) => ({ ...cookie, url: `http://${host}` })));
  const page = await context.newPage();
  await page.goto(`http://${host}/`);
  await recorder.until(({ heads }) => kinds.every((kind) => heads.some((head) => KINDS[kind].test(head))));
  await browser.close();
  await server.close();
  return { host, heads: recorder.heads };
}

function cookies(): { name: string; value: string }[] {
  const line = HEADER_PROFILES.browser.fetch('').find((one) => one.startsWith('Cookie: ')) ?? '';
  const pairs = line.slice('Cookie: '.length).split('; ');
  return pairs.map((pair) => ({ name: pair.split('=')[0] ?? '', value: pair.slice(pair.indexOf('=') + 1) }));
}

describe('Chromium', NEEDS_CHROMIUM, () => {
  let host: string;
  let heads: readonly string[];

  beforeAll(async () => {
    ({ host, heads } = await recordChromium());
  }, 60_000);

  function linesOfKind(kind: keyof HeaderProfile): string[] {
    return linesOf(asProfiled(heads.find((head) => KINDS[kind].test(head)) ?? ''));
  }

  test.each(kinds)('sends what the profile has of a request of kind %s, in its order', (kind) => {
    const said = linesOfKind(kind).filter((line) => !OF_THE_PROTOCOL.test(line));
    expect(said).toEqual(HEADER_PROFILES.browser[kind](host));
  });

  /** What a session said to its node, beside what Chromium says: the names of the headers, and their bytes. */
  async function expectAlike(place: { transport: TransportId; values?: DimensionValues }, asked: Asked): Promise<void> {
    await using node = await openTestNode({ transport: place.transport, values: place.values ?? {} });
    await using recorder = await new HeadRecorder(node.port).open();
    const values = { ...place.values, headers: 'browser' } as const;
    const subscriber = await subscribe({ ...place, port: recorder.port, values });
    subscriber.close();
    const said = linesOf(recorder.heads.find((head) => head.startsWith(asked.method)) ?? '').filter(isOfAll);
    const expected = linesOfKind(asked.kind).filter(isOfAll);
    expect(said.map(nameOf).toSorted()).toEqual(expected.map(nameOf).toSorted());
    expect(bytesOf(said)).toBe(bytesOf(expected));
  }

  test.each(TRANSPORT_IDS)('and a session of %s send the same headers, of the same size', async (transport) => {
    await expectAlike({ transport }, { method: 'GET', kind: transportRow(transport).connectsBy });
  });

  test.each([
    { method: 'GET', kind: 'xhr' },
    { method: 'POST', kind: 'xhrPost' },
  ] as const)('and a session that polls by $method as Socket.IO does, too', async (asked) => {
    await expectAlike({ transport: 'socketio', values: { shape: 'polling' } }, asked);
  });
});

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly kind: keyof HeaderProfile;
}

/** A subprotocol is the door's own. */
function isOfAll(line: string): boolean {
  return !line.startsWith('Sec-WebSocket-Protocol:');
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':'));
}

/** Whatever the port of the server is. */
function bytesOf(lines: readonly string[]): number {
  return lines.join('\r\n').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:3001').length;
}
