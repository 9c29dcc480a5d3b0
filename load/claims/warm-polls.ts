import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import { http2Fields } from '../../scenarios/http2/fields.ts';
import { headerProfile } from '../../servers/registry.ts';
import type { ProbeContext } from './probe.ts';
import type { ProbeNode } from './probe-node.ts';

const PATH = '/messages?since=0';
const POLLS = 6;
/** For what a server says behind its answer. */
const GRACE_MS = 20;

interface Asked {
  readonly node: ProbeNode;
  /** Who vouches for it, where it is spoken to over TLS. */
  readonly authority?: string;
  readonly http: ValueOf<'http'>;
}

/**
 * Polls that find nothing, as a browser sends them to a node as trials have them: bytes on the socket, those of TLS too, from the second
 * of a connection on, for the first fills what is remembered of headers, and brings tickets.
 */
export async function warmPollBytes({ cleanup }: Pick<ProbeContext, 'cleanup'>, asked: Asked): Promise<number[]> {
  const { node, authority, http } = asked;
  const wire = connect(node.port, node.host);
  await once(wire, 'connect');
  const socket = authority === undefined ? wire : await secured(wire, { ...asked, authority });
  cleanup.defer(() => void socket.destroy());
  const host = `${node.host}:${node.port}`;
  const lines = headerProfile('browser', authority !== undefined).fetch(host);
  const poll = http === '2' ? polledByHttp2(socket, lines) : polledByHttp1(socket, [`Host: ${host}`, ...lines]);
  const polls: number[] = [];
  for (let number = 0; number < POLLS; number++) {
    const before = wire.bytesRead + wire.bytesWritten;
    await poll();
    await setTimeout(GRACE_MS);
    polls.push(wire.bytesRead + wire.bytesWritten - before);
  }
  return polls.slice(1);
}

async function secured(
  wire: Socket,
  { node, authority, http }: Asked & { readonly authority: string },
): Promise<Socket> {
  const ALPNProtocols = [http === '2' ? 'h2' : 'http/1.1'];
  const socket = connectTls({ socket: wire, host: node.host, ca: authority, ALPNProtocols });
  await once(socket, 'secureConnect');
  return socket;
}

type Poll = () => Promise<void>;

function polledByHttp1(socket: Socket, lines: readonly string[]): Poll {
  socket.setEncoding('latin1');
  return async () => {
    socket.write(`GET ${PATH} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    let answer = '';
    while (!answer.endsWith('\r\n\r\n[]')) answer += String((await once(socket, 'data'))[0]);
  };
}

function polledByHttp2(socket: Socket, lines: readonly string[]): Poll {
  const session: ClientHttp2Session = connectHttp2('http://127.0.0.1', { createConnection: () => socket });
  return async () => {
    const request = session.request({ ':path': PATH, ...http2Fields(lines) });
    request.resume();
    await once(request, 'end');
  };
}
