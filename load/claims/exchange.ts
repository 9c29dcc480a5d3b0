import { once } from 'node:events';
import { connect } from 'node:net';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import { newAuthority } from '../../scenarios/tls/authority.ts';
import { headerProfile } from '../../servers/registry.ts';
import type { ProbeContext } from './probe.ts';
import { type ProbeNode, startProbeNode } from './probe-node.ts';
import { warmPollBytes } from './warm-polls.ts';

const TRIES = 3;
const END_OF_HEAD = '\r\n\r\n';
/** That of the guide, and of RFC 6455, section 1.2. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A poll that finds nothing, and the upgrade to a WebSocket, as a browser sends them, byte by byte. */
export async function measureExchanges({ cleanup }: Pick<ProbeContext, 'cleanup'>): Promise<FiguresOf<'exchanges'>> {
  const node = await startProbeNode({ cleanup }, { transports: ['polling', 'websocket'], http: '2' });
  const { authority, server: tls } = await newAuthority([node.host]);
  const secure = await startProbeNode({ cleanup }, { transports: ['polling'], http: '2', tls });
  const profile = headerProfile('browser');
  const host = `${node.host}:${node.port}`;
  const poll = headOf('/messages?since=0', [`Host: ${host}`, ...profile.fetch(host)]);
  const upgrade = headOf('/ws?since=0', [
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    ...profile.upgrade(host),
  ]);
  const polled = await tries(async () => exchange(node, poll));
  const upgraded = await tries(async () => exchange(node, upgrade));
  return {
    pollHeaderBytes: polled.map(({ head }) => poll.length + head.length),
    pollBytes: polled.map(({ head, bodyBytes }) => poll.length + head.length + bodyBytes),
    tlsPollBytes: await warmPollBytes({ cleanup }, { node: secure, authority, http: '1.1' }),
    http2PollBytes: await warmPollBytes({ cleanup }, { node, http: '2' }),
    http2TlsPollBytes: await warmPollBytes({ cleanup }, { node: secure, authority, http: '2' }),
    upgradeBytes: upgraded.map(({ head }) => upgrade.length + head.length),
    acceptedUpgrades: upgraded.map(({ head }) => (isAccepted(head) ? 1 : 0)),
  };
}

async function tries<T>(make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let number = 0; number < TRIES; number++) made.push(await make());
  return made;
}

/** RFC 6455, section 4.2.2: what the guide's example says, too. */
function isAccepted(head: string): boolean {
  return head.startsWith('HTTP/1.1 101 ') && /^sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/im.test(head);
}

function headOf(path: string, lines: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, ...lines].join('\r\n') + END_OF_HEAD;
}

interface HttpAnswer {
  /** With the line that ends it. */
  readonly head: string;
  readonly bodyBytes: number;
}

async function exchange({ host, port }: ProbeNode, request: string): Promise<HttpAnswer> {
  const socket = connect(port, host);
  socket.setEncoding('latin1');
  await once(socket, 'connect');
  socket.write(request);
  let answer = '';
  for await (const text of socket as AsyncIterable<string>) {
    answer += text;
    const headBytes = answer.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
    if (headBytes < END_OF_HEAD.length) continue;
    const bodyBytes = Number(/^content-length: (\d+)/im.exec(answer)?.[1] ?? 0);
    if (answer.length >= headBytes + bodyBytes) return { head: answer.slice(0, headBytes), bodyBytes };
  }
  throw new Error(`the node ended its answer early: ${answer.slice(0, answer.indexOf('\r\n'))}`);
}
