import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, createServer } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { ProbeContext } from './probe.ts';

const POLLS = 6;
/** For what a server says behind its answer. */
const GRACE_MS = 20;
/** What HTTP/2 has no room for: it says host and framing itself (RFC 9113, section 8.2.2). */
const OF_HTTP1 = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host']);

interface PollText {
  /** Header lines of the request, and the head of the answer that a node gives over HTTP/1.1. */
  readonly lines: readonly string[];
  readonly answer: string;
}

/** The same poll and answer over HTTP/2 without TLS, on the socket, from the second of a connection on: the first fills the tables. */
export async function http2PollBytes(
  { cleanup }: Pick<ProbeContext, 'cleanup'>,
  { lines, answer }: PollText,
): Promise<number[]> {
  const server = createServer((_, response) => {
    response.writeHead(200, headersOf(answer.split('\r\n').slice(1)));
    response.end('[]');
  });
  cleanup.defer(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const session = connectHttp2(`http://127.0.0.1:${port}`, { createConnection: () => socket });
  cleanup.defer(() => session.destroy());
  const polls: number[] = [];
  for (let number = 0; number < POLLS; number++) {
    const before = bytesOf(socket);
    await poll(session, headersOf(lines));
    await setTimeout(GRACE_MS);
    polls.push(bytesOf(socket) - before);
  }
  return polls.slice(1);
}

async function poll(session: ClientHttp2Session, headers: Readonly<Record<string, string>>): Promise<void> {
  const request = session.request({ ':path': '/messages?since=0', ...headers });
  request.resume();
  await once(request, 'end');
}

function headersOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
      return name === '' || OF_HTTP1.has(name.toLowerCase()) ? [] : [[name.toLowerCase(), value]];
    }),
  );
}

function bytesOf({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
