import { once } from 'node:events';
import { connect } from 'node:net';
import type { ClaimFigures } from '../../scenarios/claims/figures.ts';
import { headerProfile } from '../../servers/registry.ts';
import type { ProbeContext } from './probe.ts';
import { type ProbeNode, startProbeNode } from './probe-node.ts';

const TRIES = 3;
const END_OF_HEAD = '\r\n\r\n';
/** Any will do: it is as long as all are (RFC 6455, section 4.1). */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A poll that finds nothing, and the upgrade to a WebSocket, as a browser sends them, byte by byte. */
export async function measureExchanges({ cleanup }: Pick<ProbeContext, 'cleanup'>): Promise<ClaimFigures> {
  const node = await startProbeNode({ cleanup }, { transports: ['polling', 'websocket'] });
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
  const figures = { pollHeaderBytes: [] as number[], pollBytes: [] as number[], upgradeBytes: [] as number[] };
  for (let number = 0; number < TRIES; number++) {
    const polled = await exchange(node, poll);
    figures.pollHeaderBytes.push(poll.length + polled.headBytes);
    figures.pollBytes.push(poll.length + polled.bytes);
    figures.upgradeBytes.push(upgrade.length + (await exchange(node, upgrade)).headBytes);
  }
  return figures;
}

function headOf(path: string, lines: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, ...lines].join('\r\n') + END_OF_HEAD;
}

/** The answer, up to the end of its head, and as a whole: as long as it says. */
async function exchange({ host, port }: ProbeNode, request: string): Promise<{ headBytes: number; bytes: number }> {
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
    if (answer.length >= headBytes + bodyBytes) return { headBytes, bytes: headBytes + bodyBytes };
  }
  throw new Error(`the node ended its answer early: ${answer.slice(0, answer.indexOf('\r\n'))}`);
}
