import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { encodeBody, encodeMessage } from '../../scenarios/feed/message.ts';
import { type TransportId, TRANSPORTS } from '../registry.ts';
import { openTestNode } from '../testing/test-node.ts';
import type { OpenSession } from '../transport.ts';
import { subscribe, type Told } from '../testing/test-subscriber.ts';

/** What a server said at one time, over one of the connections, in the order in which these were opened. */
export interface Part {
  readonly connection: number;
  /** Bytes that the client had sent by then, over all connections. */
  readonly afterClientBytes: number;
  readonly bytes: Buffer;
}

/** What a real node says to the native client, from the first byte to the goodbye. */
export interface Conversation {
  readonly transport: TransportId;
  readonly values: DimensionValues;
  readonly openSession: OpenSession;
  /** Where the client went: it is in its requests. */
  readonly port: number;
  readonly parts: readonly Part[];
  /** What the client made of it then, over TCP. */
  readonly told: readonly Told[];
}

const BEFORE = 3;
const HELD = 2;
/** Polls find nothing new once or twice between two messages; each empty answer is a part of the conversation. */
const SHARED_FOR_MS = 20;
/** Short ones and one that no short length of a frame or a chunk holds; the times are always the same. */
const NOTES = ['', 'größer', 'x'.repeat(40), 'y'.repeat(200), 'z'.repeat(7), '🛰️', 'last'];

const DATA = NOTES.map((note) => JSON.stringify({ price: 17.5, note }));
const BODIES = DATA.map((data, index) => encodeBody(5e15 + index, 5e15 + index + 1, data));

/** Every message of a conversation: as it was published, and what it holds. */
export const MESSAGES: readonly (readonly string[])[] = BODIES.map((body, index) => [
  encodeMessage(index + 1, body).toString(),
  DATA[index] ?? '',
]);

/** A client that comes late is told of a gap, gets what is held, then what comes alone and two at once, then the goodbye. */
export async function record(transport: TransportId, values: DimensionValues): Promise<Conversation> {
  const { openSession } = await TRANSPORTS[transport].client();
  await using node = await openTestNode({ transport, values, logMessages: HELD, sharedForMs: SHARED_FOR_MS });
  for (const body of BODIES.slice(0, BEFORE)) await node.appendBody(body);
  await using recorder = await openRecorder(node.port);
  const subscriber = await subscribe({ transport, values, port: recorder.port });
  await subscriber.untilSeq(BEFORE);
  for (const seq of [BEFORE + 1, BEFORE + 2]) {
    await node.appendBody(BODIES[seq - 1] ?? '');
    await subscriber.untilSeq(seq);
  }
  await Promise.all(BODIES.slice(BEFORE + 2).map(async (body) => node.appendBody(body)));
  await subscriber.untilSeq(BODIES.length);
  await node.close();
  await subscriber.until(({ end }) => end !== undefined);
  return { transport, values, openSession, port: recorder.port, parts: recorder.parts(), told: subscriber.told };
}

interface Recorder extends AsyncDisposable {
  readonly port: number;
  parts(): readonly Part[];
}

async function openRecorder(serverPort: number): Promise<Recorder> {
  const parts: Part[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let clientBytes = 0;

  function said(connection: number, bytes: Buffer): void {
    const last = parts.at(-1);
    if (last?.connection !== connection || last.afterClientBytes !== clientBytes) {
      parts.push({ connection, afterClientBytes: clientBytes, bytes });
      return;
    }
    parts[parts.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, bytes]) };
  }

  const server = createServer((client) => {
    const connection = connections;
    connections += 1;
    const upstream = connect(serverPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // A connection that breaks is told of by its close.
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes) => {
      clientBytes += bytes.length;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      said(connection, bytes);
      client.write(bytes);
    });
    client.on('end', () => upstream.end()).on('close', () => upstream.destroySoon());
    upstream.on('end', () => client.end()).on('close', () => client.destroySoon());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    parts: () => parts,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
