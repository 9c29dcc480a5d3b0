import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ClaimFigures } from '../../scenarios/claims/figures.ts';
import { newTokenIssuer } from '../../scenarios/tokens.ts';
import type { ProbeContext } from './probe.ts';
import { type ProbeNode, startProbeNode } from './probe-node.ts';

const STOP_GRACE_MS = 3000;

type Context = Pick<ProbeContext, 'cleanup'>;

/** Each cause that the guide's table names and a client can see, with the code that the client sees. */
export async function measureCloseCodes(context: Context): Promise<ClaimFigures> {
  const seen = [
    { wanted: 1000, code: await normalClosure(context) },
    { wanted: 1001, code: await closedBy(context, async ({ child }) => child.stop(STOP_GRACE_MS)) },
    { wanted: 1006, code: await closedBy(context, async ({ child }) => child.kill()) },
    { wanted: 1008, code: await forbidden(context) },
    { wanted: 4001, code: await badToken(context) },
  ];
  return { ownCloseCodes: seen.map(({ wanted, code }) => (wanted === code ? 1 : 0)) };
}

async function openClient(node: ProbeNode, query = ''): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${node.host}:${node.port}/ws${query}`);
  await once(socket, 'open');
  return socket;
}

async function codeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

async function normalClosure(context: Context): Promise<number> {
  const socket = await openClient(await startProbeNode(context, { transports: ['websocket'] }));
  socket.close(1000);
  return codeOf(socket);
}

/** What a client sees when its server ends. */
async function closedBy(context: Context, end: (node: ProbeNode) => Promise<void>): Promise<number> {
  const node = await startProbeNode(context, { transports: ['websocket'] });
  const code = codeOf(await openClient(node));
  await end(node);
  return code;
}

/** Who follows what is another's own breaks the server's rules. */
async function forbidden(context: Context): Promise<number> {
  const node = await startProbeNode(context, { transports: ['websocket'], talk: true });
  const socket = new WebSocket(`ws://${node.host}:${node.port}/ws?user=ann&channels=user:bob`);
  return codeOf(socket);
}

async function badToken(context: Context): Promise<number> {
  const { rules } = newTokenIssuer();
  const node = await startProbeNode(context, { transports: ['websocket'], tokens: rules });
  return codeOf(new WebSocket(`ws://${node.host}:${node.port}/ws?token=none`));
}
