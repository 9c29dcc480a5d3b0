import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { WebSocket, WebSocketServer } from 'ws';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { FiguresOf } from '../../scenarios/claims/figures.ts';
import type { ProbeContext } from './probe.ts';

/** What the table of the guide says of Socket.IO and of a plain WebSocket, tried with both libraries as they come. */
export async function measureSocketio(context: Pick<ProbeContext, 'cleanup'>): Promise<Figures> {
  const plain = await plainMessages(context);
  return {
    bundleBytes: await bundleBytes(),
    ...(await comebacks(context)),
    waitGrowth: await waitGrowth(context),
    ...(await rooms(context)),
    plainRooms: [roomMethods()],
    ...(await withoutUpgrade(context)),
    ...(await eventsAndBinary(context)),
    ...plain,
    foreignServed: await foreignClients(context),
  };
}

type Figures = FiguresOf<'socketio'>;

type Context = Pick<ProbeContext, 'cleanup'>;

const HOST = '127.0.0.1';
const MESSAGES = 5;
/** Socket.IO waits 0.5 to 1.5 s before it tries again. */
const COMEBACK_MS = 5000;
/** For what does not come. */
const PATIENCE_MS = 500;
const TRIES = 3;
/** Half of each wait, more or less, is chance. */
const CLIENTS_A_TRY = 5;
/** A twenty-fifth of what is usual. */
const FIRST_WAIT_MS = 40;
const GROWN_TRY = 5;

/** Of every build for browsers that it brings. */
async function bundleBytes(): Promise<number[]> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('socket.io-client/package.json')), 'dist');
  const builds = (await readdir(folder)).filter((name) => name.endsWith('.min.js'));
  return Promise.all(builds.map(async (name) => gzipSync(await readFile(join(folder, name)), { level: 9 }).length));
}

/** A server that takes no upgrade where `refusesUpgrades`. */
async function listening(server: HttpServer, port = 0): Promise<number> {
  server.listen(port, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function serve({ cleanup }: Context, port?: number): Promise<{ io: Server; http: HttpServer; port: number }> {
  const http = createServer();
  const server = new Server(http);
  cleanup.defer(async () => server.close());
  return { io: server, http, port: await listening(http, port) };
}

async function connectClient({ cleanup }: Context, port: number): Promise<Socket> {
  const client = io(`http://${HOST}:${port}`, { forceNew: true });
  cleanup.defer(() => void client.close());
  await connected(client);
  return client;
}

async function connected(client: Socket): Promise<void> {
  if (client.connected) return;
  await new Promise<void>((resolve) => {
    client.once('connect', resolve);
  });
}

/** The server goes, and is there again: who comes back without a line of the app's own? */
async function comebacks(context: Context): Promise<Pick<Figures, 'backNs' | 'plainBack'>> {
  const first = await serve(context);
  const plain = new WebSocketServer({ port: 0, host: HOST });
  context.cleanup.defer(() => plain.close());
  await once(plain, 'listening');
  const { port: plainPort } = plain.address() as AddressInfo;
  const client = await connectClient(context, first.port);
  const socket = new WebSocket(`ws://${HOST}:${plainPort}`);
  await once(socket, 'open');
  const isBack = new Promise<void>((resolve) => {
    client.once('connect', resolve);
  });
  await first.io.close();
  for (const one of plain.clients) one.terminate();
  plain.close();
  const sinceNs = monotonicNs();
  await serve(context, first.port);
  const again = new WebSocketServer({ port: plainPort, host: HOST });
  context.cleanup.defer(() => again.close());
  let webSocketBack = 0;
  again.on('connection', () => void (webSocketBack += 1));
  await Promise.race([isBack, setTimeout(COMEBACK_MS, undefined, { ref: false })]);
  return { backNs: client.connected ? [monotonicNs() - sinceNs] : [], plainBack: [webSocketBack] };
}

/** A server that stays away: by how much the waits of clients grow from the first try to the fifth, all of them shorter than is usual. */
async function waitGrowth({ cleanup }: Context): Promise<number[]> {
  const gone = createServer();
  const port = await listening(gone);
  gone.close();
  const clients = Array.from({ length: TRIES * CLIENTS_A_TRY }, () => {
    const client = io(`http://${HOST}:${port}`, {
      forceNew: true,
      reconnectionDelay: FIRST_WAIT_MS,
      transports: ['websocket'],
      // `close` does not take back a try that was begun, and the next would follow for ever.
      reconnectionAttempts: GROWN_TRY,
      autoUnref: true,
    });
    cleanup.defer(() => void client.close());
    return waitsOf(client);
  });
  const waits = await Promise.all(clients);
  return Array.from({ length: TRIES }, (_, number) => {
    const own = waits.filter((__, index) => index % TRIES === number);
    const [first = 0, last = 0] = [0, GROWN_TRY - 1].map((index) =>
      own.reduce((sum, waitsNs) => sum + (waitsNs[index] ?? 0), 0),
    );
    return last / first;
  });
}

/** Until the fifth. */
async function waitsOf(client: Socket): Promise<number[]> {
  const waitsNs: number[] = [];
  let failedNs = 0;
  client.io.on('error', () => {
    failedNs = monotonicNs();
  });
  return new Promise((resolve) => {
    client.io.on('reconnect_attempt', (attempt) => {
      waitsNs.push(monotonicNs() - failedNs);
      if (attempt < GROWN_TRY) return;
      client.close();
      resolve(waitsNs);
    });
  });
}

async function rooms(context: Context): Promise<Pick<Figures, 'insidersReached' | 'outsidersReached'>> {
  const server = await serve(context);
  const space = server.io.of('/space');
  server.io.on('connection', (socket) =>
    socket.on('join', (answered: () => void) => {
      void socket.join('room');
      answered();
    }),
  );
  const clients = await Promise.all(Array.from({ length: 4 }, async () => connectClient(context, server.port)));
  const reached = clients.map(() => 0);
  for (const [index, client] of clients.entries())
    client.on('said', () => void (reached[index] = (reached[index] ?? 0) + 1));
  const members = clients.slice(0, 2);
  await Promise.all(
    members.map(async (client) => {
      await client.emitWithAck('join');
    }),
  );
  const inSpace = members.map((client) => client.io.socket('/space'));
  // A connection of which one namespace is left comes back for ever, and no program ends.
  context.cleanup.defer(() => {
    for (const client of inSpace) client.close();
  });
  const spaceReached = inSpace.map(() => 0);
  for (const [index, client] of inSpace.entries())
    client.on('said in space', () => void (spaceReached[index] = (spaceReached[index] ?? 0) + 1));
  const strays: number[] = [];
  for (const client of clients) client.on('said in space', (count: number) => void strays.push(count));
  await Promise.all(inSpace.map(connected));
  for (let count = 0; count < MESSAGES; count++) {
    server.io.to('room').emit('said', count);
    space.emit('said in space', count);
  }
  await heardByAll(server.io, clients);
  await heardByAll(space, inSpace);
  return {
    insidersReached: [shareOf(reached.slice(0, 2)), shareOf(spaceReached)],
    outsidersReached: [shareOf(reached.slice(2)), strays.length / (clients.length * MESSAGES)],
  };
}

/** Of all that was said to each. */
function shareOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0) / (counts.length * MESSAGES);
}

/** Resolves when each client has what was said before. */
async function heardByAll(server: Pick<Server, 'emit'>, clients: readonly Socket[]): Promise<void> {
  const heard = Promise.all(
    clients.map(
      async (client) =>
        new Promise<void>((resolve) => {
          client.once('end', resolve);
        }),
    ),
  );
  server.emit('end');
  await heard;
}

/** What ws has for rooms, by the names of its methods. */
function roomMethods(): number {
  const names = [WebSocket.prototype, WebSocketServer.prototype].flatMap((of) => Object.getOwnPropertyNames(of));
  return names.filter((name) => /room|join|leave|^to$/i.test(name)).length;
}

/** A way between the two that lets no upgrade through, as some proxies do. */
async function withoutUpgrade(context: Context): Promise<Pick<Figures, 'withoutUpgrade' | 'plainWithoutUpgrade'>> {
  const server = await serve(context);
  server.http
    .removeAllListeners('upgrade')
    .on('upgrade', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const client = await connectClient(context, server.port);
  let came = 0;
  client.on('said', () => void (came += 1));
  for (let count = 0; count < MESSAGES; count++) server.io.emit('said', count);
  await heardByAll(server.io, [client]);
  const socket = new WebSocket(`ws://${HOST}:${server.port}/socket.io/?EIO=4&transport=websocket`);
  const opened = await Promise.race([once(socket, 'open').then(() => 1), once(socket, 'error').then(() => 0)]).catch(
    () => 0,
  );
  return { withoutUpgrade: [came / MESSAGES], plainWithoutUpgrade: [opened] };
}

const EVENTS = ['chat_message', 'user_joined', 'typing', 'price', 'goal'];

async function eventsAndBinary(context: Context): Promise<Pick<Figures, 'ownEvents' | 'binaryDetected'>> {
  const server = await serve(context);
  const client = await connectClient(context, server.port);
  const named: string[] = [];
  const values: unknown[] = [];
  for (const event of EVENTS) client.on(event, () => void named.push(event));
  client.on('bytes', (value: unknown) => void values.push(value));
  client.on('object', ({ bytes }: { bytes: unknown }) => void values.push(bytes));
  for (const event of EVENTS) server.io.emit(event);
  server.io.emit('bytes', Buffer.from([1, 2, 3]));
  server.io.emit('object', { bytes: Buffer.from([1, 2, 3]) });
  await heardByAll(server.io, [client]);
  return {
    ownEvents: [named.filter((event, index) => event === EVENTS[index]).length / EVENTS.length],
    binaryDetected: [
      values.filter((value) => Buffer.isBuffer(value) && value.equals(Buffer.from([1, 2, 3]))).length / 2,
    ],
  };
}

/**
 * The same to a plain client of another implementation, Node's own with the API of browsers: under how many names it hears of events,
 * which of two binary messages come as such, and whether all came.
 */
async function plainMessages({
  cleanup,
}: Context): Promise<Pick<Figures, 'plainEvents' | 'plainBinary' | 'standardServed'>> {
  const server = new WebSocketServer({ port: 0, host: HOST });
  cleanup.defer(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = new globalThis.WebSocket(`ws://${HOST}:${port}`);
  socket.binaryType = 'arraybuffer';
  const heard: { readonly name: string; readonly data: unknown }[] = [];
  for (const name of ['message', ...EVENTS])
    socket.addEventListener(name, (event) => void heard.push({ name, data: 'data' in event ? event.data : undefined }));
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(socket, 'open')])) as [
    [WebSocket],
    unknown,
  ];
  for (const type of EVENTS) accepted.send(JSON.stringify({ type }));
  for (let count = 0; count < 2; count++) accepted.send(Buffer.from([1, 2, 3]));
  const closed = once(socket, 'close');
  accepted.close();
  await closed;
  return {
    plainEvents: [new Set(heard.map(({ name }) => name)).size],
    plainBinary: [heard.filter(({ data }) => data instanceof ArrayBuffer && data.byteLength === 3).length / 2],
    standardServed: [heard.length / (EVENTS.length + 2)],
  };
}

/** A plain client at a server of Socket.IO, and a client of Socket.IO at a plain server: what each gets of what is said to all. */
async function foreignClients(context: Context): Promise<number[]> {
  const server = await serve(context);
  const plain = new WebSocket(`ws://${HOST}:${server.port}/socket.io/?EIO=4&transport=websocket`);
  context.cleanup.defer(() => plain.terminate());
  let plainGot = 0;
  plain.on('message', (data: Buffer) => void (plainGot += data.toString() === 'said' ? 1 : 0));
  await once(plain, 'open');
  const other = new WebSocketServer({ port: 0, host: HOST });
  context.cleanup.defer(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const client = io(`http://${HOST}:${port}`, { forceNew: true, transports: ['websocket'], reconnection: false });
  context.cleanup.defer(() => void client.close());
  let clientGot = 0;
  client.onAny(() => void (clientGot += 1));
  for (let count = 0; count < MESSAGES; count++) {
    server.io.emit('said', count);
    for (const one of other.clients) one.send('said');
    await setTimeout(PATIENCE_MS / MESSAGES);
  }
  return [plainGot / MESSAGES, clientGot / MESSAGES];
}
