import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import { newTokenIssuer } from '../../scenarios/tokens.ts';
import type { ProbeContext } from './probe.ts';
import { type ProbeNode, startProbeNode } from './probe-node.ts';

const HOST = '127.0.0.1';
const STOP_GRACE_MS = 3000;
/** Those of the guide's table that may be sent (RFC 6455, section 7.4.1), and the edges of what is the app's own. */
const SENT = [1000, 1001, 1008, 1011, 4000, 4001, 4999];

type Context = Pick<ProbeContext, 'cleanup'>;

/** Each code as a client sees it that has the API of browsers: one that was sent, and those of causes. */
export async function measureCloseCodes(context: Context): Promise<FiguresOf<'closeCodes'>> {
  const seen = [
    ...(await sentCodes(context)),
    { wanted: 1001, code: await closedBy(context, async ({ child }) => child.stop(STOP_GRACE_MS)) },
    { wanted: 1006, code: await closedBy(context, async ({ child }) => child.kill()) },
    ...(await refusals(context)),
  ];
  return { seen: seen.map(({ wanted, code }) => (wanted === code ? 1 : 0)) };
}

interface Close {
  readonly wanted: number;
  readonly code: number;
}

async function sentCodes({ cleanup }: Context): Promise<Close[]> {
  const server = new WebSocketServer({ port: 0, host: HOST });
  cleanup.defer(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.on('connection', (socket, { url = '' }) => socket.close(Number(url.slice(1))));
  return Promise.all(SENT.map(async (wanted) => ({ wanted, code: await codeOf(`ws://${HOST}:${port}/${wanted}`) })));
}

async function codeOf(url: string, opened: () => void = () => undefined): Promise<number> {
  const socket = new WebSocket(url);
  socket.addEventListener('open', opened);
  return new Promise((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code));
  });
}

/** What a client sees when its server ends. */
async function closedBy(context: Context, end: (node: ProbeNode) => Promise<void>): Promise<number> {
  const node = await startProbeNode(context, { transports: ['websocket'] });
  const open = Promise.withResolvers<void>();
  const code = codeOf(`ws://${node.host}:${node.port}/ws`, open.resolve);
  await open.promise;
  await end(node);
  return code;
}

/** Who follows what is another's own, and who has no good token. */
async function refusals(context: Context): Promise<Close[]> {
  const { rules } = newTokenIssuer();
  const [talking, strict] = await Promise.all([
    startProbeNode(context, { transports: ['websocket'], talk: true }),
    startProbeNode(context, { transports: ['websocket'], tokens: rules }),
  ]);
  return Promise.all(
    [
      { wanted: 1008, url: `ws://${talking.host}:${talking.port}/ws?user=ann&channels=user:bob` },
      { wanted: 4001, url: `ws://${strict.host}:${strict.port}/ws?token=none` },
    ].map(async ({ wanted, url }) => ({ wanted, code: await codeOf(url) })),
  );
}
