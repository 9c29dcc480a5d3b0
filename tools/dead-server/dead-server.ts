import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { printText } from '../../cli/terminal.ts';
import { Guard } from '../../load/machine/guard.ts';
import { nodeProgram, startChild } from '../../load/machine/child.ts';
import { openNetwork } from '../../load/machine/network.ts';
import { openScratch } from '../../load/machine/scratch.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { exactDuration, formatDuration, NS_PER_MS } from '../../scenarios/units.ts';
import { openIngestClient } from '../../servers/ingest/client.ts';
import type { NodeCommand, NodeReport } from '../../servers/node/node-messages.ts';
import { NODE_PROGRAM, TRANSPORT_IDS, transportRow } from '../../servers/registry.ts';
import type { Client, ClientsCommand, ClientsReport } from './clients-process.ts';

/**
 * How long it takes until a client knows that its server is gone, where nobody tells it: `make dead-server`. The wire between the
 * two is cut silently, as by a machine that loses its power or a network that loses its route, and each kind of client is watched
 * as it is, and with a watchdog that gives up a connection on which nothing comes.
 */
const PATIENCE_MS = 120_000;
/** Of the node: what it says to silent clients comes that often, so that a watchdog hears it. */
const HEARTBEAT_MS = 5000;
const WATCHDOG_MS = 15_000;
const FEED_EVERY_MS = 500;
const START_LIMIT = { ms: 20_000, code: 'trial-stalled', message: 'the processes did not start within 20 s' } as const;

const CLIENTS = TRANSPORT_IDS.flatMap((transport) =>
  (['native', 'library'] as const).flatMap((generator) =>
    [null, WATCHDOG_MS].map((silentMs): Client => ({ transport, generator, silentMs })),
  ),
);

interface Noticed {
  readonly afterNs: number;
  readonly words: string;
}

async function measure(): Promise<readonly (Noticed | undefined)[]> {
  await using cleanup = new AsyncDisposableStack();
  const guard = new Guard();
  const network = cleanup.use(await openNetwork());
  if (network.link === undefined) throw new Error(`there is no wire to cut: ${network.note}`);
  const ingest = join(await openScratch(cleanup), 'ingest');
  const node = startChild<NodeCommand, NodeReport>(
    { name: 'node', command: nodeProgram(fileURLToPath(NODE_PROGRAM)), host: network.serverHost, cores: [] },
    guard.report,
  );
  cleanup.defer(async () => node.kill());
  const listening = node.next('ready');
  const host = network.serverHost.address;
  node.send({ kind: 'open', options: { transports: [...TRANSPORT_IDS], host, ingest, heartbeatMs: HEARTBEAT_MS } });
  const program = fileURLToPath(new URL('clients-process.ts', import.meta.url));
  const clients = startChild<ClientsCommand, ClientsReport>(
    { name: 'clients', command: nodeProgram(program), host: network.clientHost, cores: [] },
    guard.report,
  );
  cleanup.defer(async () => clients.kill());
  const [{ port }] = await guard.wait(Promise.all([listening, clients.next('ready')]), START_LIMIT);
  cleanup.use(await feed(ingest));
  const connected = clients.next('connected');
  clients.send({ kind: 'connect', target: { host, port }, clients: CLIENTS });
  await guard.wait(connected, START_LIMIT);
  await setTimeout(2 * FEED_EVERY_MS);
  const cutNs = monotonicNs();
  await network.link.cut();
  const noticed = new Map<number, Noticed>();
  clients.onReport((report) => {
    if (report.kind === 'noticed') noticed.set(report.index, { afterNs: report.atNs - cutNs, words: report.words });
  });
  while (noticed.size < CLIENTS.length && monotonicNs() < cutNs + PATIENCE_MS * NS_PER_MS)
    await setTimeout(FEED_EVERY_MS);
  return CLIENTS.map((_, index) => noticed.get(index));
}

/** What everybody hears until the wire is cut. */
async function feed(ingest: string): Promise<Disposable> {
  const client = await openIngestClient(ingest, { onAnswer: () => undefined, onClose: () => undefined });
  const timer = setInterval(() => {
    const nowNs = monotonicNs();
    client.send(encodeBody(nowNs, nowNs, '"still here"'));
  }, FEED_EVERY_MS);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      client.close();
    },
  };
}

function line({ transport, generator, silentMs }: Client, noticed: Noticed | undefined): string {
  const watchdog = silentMs === null ? 'as it is' : `watchdog of ${exactDuration(silentMs * NS_PER_MS)}`;
  const outcome =
    noticed === undefined
      ? `not within ${exactDuration(PATIENCE_MS * NS_PER_MS)}`
      : `after ${formatDuration(noticed.afterNs)}: ${noticed.words}`;
  return `${transportRow(transport).label.padEnd(18)}  ${generator.padEnd(7)}  ${watchdog.padEnd(16)}  ${outcome}`;
}

const outcomes = await measure();
for (const [index, client] of CLIENTS.entries()) printText(line(client, outcomes[index]));
