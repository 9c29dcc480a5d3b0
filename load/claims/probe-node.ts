import { fileURLToPath } from 'node:url';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { NodeCommand, NodeReport } from '../../servers/node/node-messages.ts';
import { headerProfile, NODE_PROGRAM, type TransportId, transportRow } from '../../servers/registry.ts';
import type { Session, SessionEvents } from '../../servers/transport.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import { Guard } from '../machine/guard.ts';
import type { ProbeContext } from './probe.ts';

type NodeOptions = Extract<NodeCommand, { kind: 'open' }>['options'];

/** A node as trials have them, on this machine's own loopback, where a probe is its client. */
export interface ProbeNode {
  readonly host: string;
  readonly port: number;
  readonly child: Child<NodeCommand, NodeReport>;
}

const HOST = '127.0.0.1';
const START_LIMIT = {
  ms: 20_000,
  code: 'node-not-ready',
  message: 'a server node was not ready within 20 s; is the machine overloaded?',
} as const;

/** Rejects with `node-not-ready`, `process-died`. */
export async function startProbeNode(
  { cleanup }: Pick<ProbeContext, 'cleanup'>,
  options: Omit<NodeOptions, 'host' | 'port'>,
): Promise<ProbeNode> {
  const guard = new Guard();
  const child = startChild<NodeCommand, NodeReport>(
    {
      name: 'node',
      command: nodeProgram(fileURLToPath(NODE_PROGRAM)),
      host: { enter: [], address: HOST },
      cores: [],
    },
    guard.report,
  );
  cleanup.defer(async () => child.kill());
  child.onReport((report) => {
    if (report.kind === 'failed') guard.report(new Error(report.message));
  });
  child.send({ kind: 'open', options: { ...options, host: HOST, port: 0 } });
  const { port } = await guard.wait(child.next('ready'), START_LIMIT);
  return { host: HOST, port, child };
}

export interface Listening {
  readonly transport?: TransportId;
  readonly message?: SessionEvents['message'];
}

/** A client of our own, on a WebSocket where nothing else is said, from when it is connected to the end of the probe. Rejects where it is lost before. */
export async function openListener(
  { cleanup }: Pick<ProbeContext, 'cleanup'>,
  { host, port }: ProbeNode,
  { transport = 'websocket', message = () => undefined }: Listening = {},
): Promise<Session> {
  const { openSession } = await transportRow(transport).client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const session = openSession(
    {
      host,
      port,
      position: { kind: 'oldest' },
      values: {},
      headers: headerProfile('browser'),
      poll: { originNs: 0, intervalNs: NS_PER_MS },
    },
    {
      opened: resolve,
      message,
      notice: () => undefined,
      signal: () => undefined,
      foreign: () => undefined,
      answered: () => undefined,
      reopened: () => undefined,
      lost: ({ code }) => reject(new Error(`a client of a probe was lost: ${code}`)),
    },
  );
  cleanup.defer(() => session.close());
  await promise;
  return session;
}
