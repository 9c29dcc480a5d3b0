import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { sampleProcesses } from '../watch/processes.ts';
import type { ProbeContext } from './probe.ts';
import { openListener, type ProbeNode, startProbeNode } from './probe-node.ts';

const INTERVAL_MS = 1000;
const STALE = 20;
/** Two servers look after so many: what they differ by is what clients cost, without what a heartbeat costs by itself. */
const MANY = 500;
const FEW = 100;
const TRIES = 3;
const INTERVALS_A_TRY = 2;
const PATIENCE_INTERVALS = 6;
const HOST = '127.0.0.1';

type Context = Pick<ProbeContext, 'cleanup'>;

/** Whether and when the guide's heartbeat cuts off a client that gives no sign of life, and what asking for one costs a server. */
export async function measureHeartbeat(context: Context): Promise<FiguresOf<'heartbeat'>> {
  const port = await guidesServer(context);
  const stale = Promise.all(Array.from({ length: STALE }, async (_, index) => staleForNs(context, port, index)));
  // Who stops meanwhile cuts them off, before anybody waits for them.
  stale.catch(() => undefined);
  const node = await startProbeNode(context, { transports: ['websocket'], heartbeatMs: INTERVAL_MS });
  const other = await startProbeNode(context, { transports: ['websocket'], heartbeatMs: INTERVAL_MS });
  await Promise.all([...listeners(context, node, MANY), ...listeners(context, other, FEW)]);
  await setTimeout(INTERVAL_MS);
  const pingCpuNs: number[] = [];
  for (let number = 0; number < TRIES; number++) {
    const before = await Promise.all([cpuNsOf(node), cpuNsOf(other)]);
    await setTimeout(INTERVALS_A_TRY * INTERVAL_MS);
    const after = await Promise.all([cpuNsOf(node), cpuNsOf(other)]);
    const [ofMany = 0, ofFew = 0] = after.map((ns, index) => ns - (before[index] ?? 0));
    pingCpuNs.push((ofMany - ofFew) / (INTERVALS_A_TRY * (MANY - FEW)));
  }
  const foundNs = await stale;
  return {
    foundShare: [foundNs.filter((ns) => ns !== undefined).length / STALE],
    foundIntervals: foundNs.flatMap((ns) => (ns === undefined ? [] : [ns / (INTERVAL_MS * NS_PER_MS)])),
    pingCpuNs,
  };
}

/** The guide's own loop, at an interval that is shorter than its 30 s. */
async function guidesServer({ cleanup }: Context): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: HOST });
  cleanup.defer(() => server.close());
  await once(server, 'listening');
  const alive = new WeakSet<WebSocket>();
  server.on('connection', (socket) => {
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
  });
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (alive.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }, INTERVAL_MS);
  cleanup.defer(() => clearInterval(timer));
  return (server.address() as AddressInfo).port;
}

function listeners(context: Context, node: ProbeNode, count: number): Promise<unknown>[] {
  return Array.from({ length: count }, async () => openListener(context, node));
}

/**
 * A client that connects, and from then on says nothing, as one whose program stands still; they come spread over an interval.
 * Undefined where nobody minds.
 */
async function staleForNs({ cleanup }: Context, port: number, index: number): Promise<number | undefined> {
  await setTimeout((index * INTERVAL_MS) / STALE);
  // Where the probe was stopped meanwhile, the server is gone, and nobody else is there for the error.
  const socket = connect(port, HOST).on('error', () => undefined);
  cleanup.defer(() => void socket.destroy());
  socket.write(
    [
      'GET /ws HTTP/1.1',
      `Host: ${HOST}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  await once(socket, 'data');
  const sinceNs = monotonicNs();
  socket.resume();
  const closed = once(socket, 'close').then(() => monotonicNs() - sinceNs);
  return Promise.race([closed, setTimeout(PATIENCE_INTERVALS * INTERVAL_MS, undefined, { ref: false })]);
}

async function cpuNsOf({ child }: ProbeNode): Promise<number> {
  return (await sampleProcesses([child.pid])).get(child.pid)?.cpuNs ?? 0;
}
