import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { newAuthority, type ServerIdentity } from '../../scenarios/tls/authority.ts';
import { findChromium, sandboxSwitches } from './chromium.ts';
import { trustAuthority } from './chromium-trust.ts';

/** What comes of a page at a server whose authority the browser trusts, or another one's: what it is, and how often it asked for what it may keep. */
async function visit(identity: ServerIdentity, authority: string): Promise<unknown> {
  await using cleanup = new AsyncDisposableStack();
  let asked = 0;
  const server = createSecureServer({ cert: identity.certificate, key: identity.key }, ({ url }, response) => {
    if (url === '/kept') asked += 1;
    response.setHeader('Cache-Control', 'max-age=600');
    response.end('<!doctype html><link rel="icon" href="data:,">');
  });
  cleanup.defer(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const profile = mkdtempSync(join(tmpdir(), 'feedbench-'));
  cleanup.defer(() => rmSync(profile, { recursive: true, force: true }));
  trustAuthority(profile, authority);
  const options = { executablePath: findChromium(), args: sandboxSwitches() };
  const context = await chromium.launchPersistentContext(profile, options);
  cleanup.defer(async () => context.close());
  const page = await context.newPage();
  try {
    await page.goto(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } catch (error) {
    return /net::\w+/.exec(String(error))?.[0];
  }
  const seen = await page.evaluate(`(async () => {
    for (let number = 0; number < 3; number++) await (await fetch('/kept')).text();
    return [isSecureContext, performance.getEntriesByType('navigation')[0].nextHopProtocol];
  })()`);
  return [seen, asked];
}

test('Chromium trusts the authority that it is given and no other, and caches as ever', REAL_TIME, async () => {
  const [mine, other] = await Promise.all([newAuthority(['127.0.0.1']), newAuthority(['127.0.0.1'])]);
  expect(await visit(mine.server, mine.authority)).toEqual([[true, 'h2'], 1]);
  expect(await visit(mine.server, other.authority)).toBe('net::ERR_CERT_AUTHORITY_INVALID');
});
