import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import Fastify from 'fastify';
import { Log } from '../../feed/log.ts';
import { Hub } from '../../hub/hub.ts';
import { openTestNode, type TestNode } from '../../testing/test-node.ts';
import { bodyOf } from '../../testing/test-subscriber.ts';
import { openDoor as serveEvents } from '../server.ts';

/** What tests of the door see it with: nothing here shares code with it. */

export async function openDoor(options: Partial<Parameters<typeof openTestNode>[0]> = {}): Promise<TestNode> {
  return openTestNode({ transports: ['sse'], ...options });
}

export function url(node: { readonly port: number }, query = ''): string {
  return `http://127.0.0.1:${node.port}/events${query}`;
}

export async function ask(node: TestNode, headers: Record<string, string>, query = ''): Promise<Response> {
  return fetch(url(node, query), { headers });
}

/** What comes until `end` has come. */
export async function readUntil(response: Response, end: string | RegExp): Promise<string> {
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (text.search(end) < 0) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
    text += value;
  }
  await reader?.cancel();
  return text;
}

/** A connection without an HTTP client. */
export class RawConnection {
  said = '';
  readonly socket: Socket;

  constructor(port: number, request: string) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8').on('data', (chunk: string) => (this.said += chunk));
    this.socket.on('error', () => undefined);
    this.socket.write(request);
  }

  async until(end: string): Promise<string> {
    while (!this.said.includes(end)) await once(this.socket, 'data');
    return this.said;
  }

  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.said;
  }
}

interface Stand extends AsyncDisposable {
  readonly port: number;
  readonly slowConsumers: number;
  append(data: string): void;
  connections(): Promise<number>;
}

/** The door on a server whose connections can be counted. */
export async function openStand(): Promise<Stand> {
  const app = Fastify();
  const log = new Log({ messages: 100, bytes: 1e9 });
  const values = {};
  const bounds = {
    holdMs: 1000,
    sendBufferBytes: 1,
    slowMs: 300,
    closeMs: 1000,
    heartbeatMs: 30_000,
    authMs: 5000,
    sharedForMs: 1000,
  };
  let slowConsumers = 0;
  const door = serveEvents({
    app,
    log,
    hub: new Hub({ log, conversation: undefined, newest: undefined, verifier: undefined, awayMs: 60_000 }),
    options: { values, ...bounds },
    feedIdentity: 'test',
    onSlowConsumer: () => (slowConsumers += 1),
    onOriginRead: () => undefined,
    onUpgrade: () => undefined,
    isBeyond: () => false,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: (app.server.address() as AddressInfo).port,
    get slowConsumers() {
      return slowConsumers;
    },
    append: (data) => log.append(log.latest + 1, bodyOf(data)),
    connections: async () => promisify(app.server.getConnections.bind(app.server))(),
    [Symbol.asyncDispose]: async () => {
      await door.drain('for-good');
      await app.close();
    },
  };
}

/** The client reads nothing, until the node has had enough of it. */
export async function stall(node: TestNode, { socket }: RawConnection): Promise<void> {
  socket.pause();
  while (node.slowConsumers === 0) {
    await node.append('x'.repeat(100_000));
    await setImmediate();
  }
}

export const GET = 'GET /events HTTP/1.1\r\nHost: node\r\n\r\n';
