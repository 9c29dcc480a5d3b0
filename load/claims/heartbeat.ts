import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { ClaimFigures } from '../../scenarios/claims/figures.ts';
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

type Context = Pick<ProbeContext, 'cleanup'>;

/** How soon a server cuts off a client that gives no sign of life, and what asking for one costs it. */
export async function measureHeartbeat(context: Context): Promise<ClaimFigures> {
  const node = await startProbeNode(context, { transports: ['websocket'], heartbeatMs: INTERVAL_MS });
  const stale = Promise.all(Array.from({ length: STALE }, async (_, index) => staleForNs(context, node, index)));
  const foundAfterIntervals = (await stale).map((ns) => ns / (INTERVAL_MS * NS_PER_MS));
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
  return { foundAfterIntervals, pingCpuNs };
}

function listeners(context: Context, node: ProbeNode, count: number): Promise<void>[] {
  return Array.from({ length: count }, async () => openListener(context, node));
}

/** A client that connects, and from then on says nothing, as one whose program stands still; they come spread over an interval. */
async function staleForNs({ cleanup }: Context, { host, port }: ProbeNode, index: number): Promise<number> {
  await setTimeout((index * INTERVAL_MS) / STALE);
  const socket = connect(port, host);
  cleanup.defer(() => void socket.destroy());
  socket.write(
    [
      'GET /ws HTTP/1.1',
      `Host: ${host}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  await once(socket, 'data');
  const sinceNs = monotonicNs();
  socket.on('error', () => undefined).resume();
  await once(socket, 'close');
  return monotonicNs() - sinceNs;
}

async function cpuNsOf({ child }: ProbeNode): Promise<number> {
  return (await sampleProcesses([child.pid])).get(child.pid)?.cpuNs ?? 0;
}
