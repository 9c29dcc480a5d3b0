import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { needs, REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { hasNginx, startTestNginx } from '../testing/test-nginx.ts';
import { openTestNode } from '../testing/test-node.ts';
import { subscribe } from '../testing/test-subscriber.ts';

/** After so long a silence nginx ends a connection, pings and pongs being no silence. */
const IDLE_MS = 1000;
const CLIENTS = 20;

async function lostOf(heartbeatMs: number): Promise<number> {
  await using node = await openTestNode({ transport: 'websocket', heartbeatMs });
  await using nginx = await startTestNginx(`
    server {
      listen 127.0.0.1:%PORT%;
      location / {
        proxy_pass http://127.0.0.1:${node.port};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "Upgrade";
        proxy_read_timeout ${IDLE_MS}ms;
      }
    }`);
  const place = { transport: 'websocket', port: nginx.port } as const;
  const clients = await Promise.all(Array.from({ length: CLIENTS }, async () => subscribe(place)));
  await setTimeout(4 * IDLE_MS);
  const lost = clients.filter(({ end }) => end !== undefined).length;
  for (const client of clients) client.close();
  return lost;
}

test('a proxy that ends what is silent for as long as the heartbeat takes ends clients that are well', {
  ...REAL_TIME,
  ...needs(hasNginx, 'nginx is not installed'),
}, async () => {
  const lost = await Promise.all([IDLE_MS / 2, IDLE_MS, 2 * IDLE_MS].map(lostOf));
  expect([lost[0], lost[2]]).toEqual([0, CLIENTS]);
  // The ping comes when the proxy has just ended it; by chance a client may get by.
  expect(lost[1]).toBeGreaterThan(CLIENTS / 2);
});
