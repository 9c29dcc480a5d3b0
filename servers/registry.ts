import { carriageOf } from '../scenarios/carriage.ts';
import type { DimensionValues } from '../scenarios/dimensions.ts';
import type { Cadence, Framing, TransportTraits } from '../scenarios/transport-traits.ts';
import { NS_PER_SECOND } from '../scenarios/units.ts';
import type { ExpectedEnd, Exemptions, TransportRow } from './transport-row.ts';
import type { HeaderProfile } from './transport.ts';
import { HEADER_PROFILES, overTls } from './wire/header-profiles.ts';

/** What an HTTP client sees of a node that goes: nobody listens any more, or its answer does not come. */
const NEXT_REQUEST_FAILS: readonly ExpectedEnd[] = [
  { code: 'unreachable' },
  { code: 'connection-closed' },
  { code: 'connection-lost' },
  { code: 'http-status', status: 503 },
];

const SESSION_CLOSED: ExpectedEnd = { code: 'socketio-packet', packet: 'close' };

/** Socket.IO says in a text frame of 39 bytes that a binary event comes, and the message is a frame of its own. */
const BINARY_EVENT_FRAMING: Framing = [
  { fromBytes: 0, addsBytes: 43 },
  { fromBytes: 126, addsBytes: 45 },
  { fromBytes: 65_536, addsBytes: 51 },
];

/** Over HTTP/2 an event stands in a DATA frame, of 9 bytes and 16 KiB at most (RFC 9113, section 4), instead of a chunk. */
const HTTP2_EVENT_FRAMING: Framing = [
  { fromBytes: 0, addsBytes: 26 },
  { fromBytes: 16_368, addsBytes: 35 },
  { fromBytes: 32_752, addsBytes: 44 },
  { fromBytes: 49_136, addsBytes: 53 },
];
/** There a frame of the WebSocket stands in such frames. */
const HTTP2_WEBSOCKET_FRAMING: Framing = [
  { fromBytes: 0, addsBytes: 11 },
  { fromBytes: 126, addsBytes: 13 },
  { fromBytes: 16_381, addsBytes: 22 },
  { fromBytes: 32_765, addsBytes: 31 },
  { fromBytes: 49_149, addsBytes: 40 },
];

/** What somebody says by hand. */
const HELLO = '{"type":"send","channel":"room:lobby","data":"hello"}';

function sayByCurl(path: string): string {
  return `curl --json '${HELLO}' 'http://HOST${path}?user=ann'`;
}

/** Where a request alone says who asks. */
const BY_REQUEST = ['none', 'url', 'header', 'cookie'] as const;
const BY_REQUEST_ALONE = {
  'token-message': 'each request says who asks: there is no connection on which a token could come first',
} as const satisfies Exemptions;

/** A transport: its folder with both halves, and this row. */
export const TRANSPORTS = {
  polling: {
    label: 'HTTP polling',
    summary: 'GET /messages?since= every poll interval, answered at once, empty or not',
    look: { colour: 'vermillion', shape: 'circle' },
    aliases: ['poll'],
    cadence: 'interval',
    tryIt: "curl 'http://HOST/messages?since=0'",
    talk: {
      hear: "curl 'http://HOST/messages?channels=room:lobby&user=ann'",
      say: { command: sayByCurl('/messages') },
    },
    page: { script: new URL('polling/page.js', import.meta.url) },
    path: '/messages',
    connectsBy: 'fetch',
    goodbye: NEXT_REQUEST_FAILS,
    comesBack: 'interval',
    exemptions: {
      ...BY_REQUEST_ALONE,
      'half-open':
        'a poll that is answered leaves nothing open: who does not ask again is taken for gone after a while',
    },
    dimensions: {
      headers: {},
      pollIntervalNs: {},
      reconnect: {},
      auth: { only: [...BY_REQUEST] },
      deliver: {},
      compression: { only: ['none', 'gzip'] },
      ask: {},
      origin: {},
      cache: {},
      keepalive: {},
      http: {},
    },
    excludes: ({ origin, ask, deliver }, over) => {
      if (ask === 'etag' && deliver !== 'latest')
        return 'asked for as a whole is the newest of each key, and every message would be all that there ever was: add --deliver latest';
      return origin === 'redis' && over?.needsRedis !== true
        ? 'over this backplane there is no Redis to ask: add --backplane redis'
        : undefined;
    },
    closedLoop: () => import('./polling/closed-loop.ts'),
    server: () => import('./polling/server.ts'),
    client: () => import('./polling/client.ts'),
  },
  'long-polling': {
    label: 'HTTP long-polling',
    summary: 'GET /next?since=, held until there is a message or the hold time is over',
    look: { colour: 'blue', shape: 'square' },
    aliases: ['longpolling'],
    cadence: 'held',
    tryIt: "curl 'http://HOST/next?since=0'  # again with the last seq",
    talk: {
      hear: "curl 'http://HOST/next?channels=room:lobby&user=ann'",
      say: { command: sayByCurl('/next') },
    },
    page: { script: new URL('long-polling/page.js', import.meta.url) },
    path: '/next',
    connectsBy: 'fetch',
    goodbye: NEXT_REQUEST_FAILS,
    signOfLife: { usualNs: 25 * NS_PER_SECOND, everyNs: (heartbeatNs = 25 * NS_PER_SECOND) => heartbeatNs },
    exemptions: BY_REQUEST_ALONE,
    dimensions: {
      headers: {},
      reconnect: {},
      auth: { only: [...BY_REQUEST] },
      deliver: {},
      compression: { only: ['none', 'gzip'] },
      http: {},
    },
    server: () => import('./long-polling/server.ts'),
    client: () => import('./long-polling/client.ts'),
  },
  sse: {
    label: 'Server-Sent Events',
    summary: 'GET /events?since=, an answer without an end; every message pushed in an event of its own',
    look: { colour: 'pink', shape: 'triangle' },
    aliases: ['events', 'eventsource'],
    cadence: 'push',
    tryIt: 'curl -N http://HOST/events',
    talk: {
      hear: "curl -N 'http://HOST/events?channels=room:lobby&user=ann'",
      say: { command: sayByCurl('/events') },
    },
    page: { script: new URL('sse/page.js', import.meta.url), comesBack: true },
    path: '/events',
    connectsBy: 'events',
    // The protocol has no words for an end: the answer is over, or its connection is.
    goodbye: [{ code: 'connection-closed' }],
    comesBack: 'eventsource',
    // A comment of three bytes in a chunk, twice a heartbeat at least (HTML Standard, "Authoring notes": every 15 s).
    signOfLife: {
      usualNs: 15 * NS_PER_SECOND,
      everyNs: (heartbeatNs = 30 * NS_PER_SECOND) => Math.min(15 * NS_PER_SECOND, heartbeatNs / 2),
      frames: { downBytes: 8, upBytes: 0 },
    },
    tooSlow: [{ code: 'connection-closed' }, { code: 'connection-lost' }],
    // `id: ` with a number of four digits, `data: ` and three line feeds; the chunk's size in hexadecimal and twice CRLF.
    framing: [
      { fromBytes: 0, addsBytes: 23 },
      { fromBytes: 239, addsBytes: 24 },
      { fromBytes: 4079, addsBytes: 25 },
      { fromBytes: 65_519, addsBytes: 26 },
    ],
    exceptions: [{ where: { http: '2' }, is: { cadence: 'push', framing: HTTP2_EVENT_FRAMING } }],
    exemptions: {
      ...BY_REQUEST_ALONE,
      'half-open':
        'whoever only listens says nothing: its system acknowledges for a program that stands still; one that is cut off is found',
    },
    dimensions: {
      headers: {},
      reconnect: {},
      retry: {},
      auth: { only: [...BY_REQUEST] },
      deliver: {},
      compression: { only: ['none', 'gzip'] },
      http: {},
    },
    server: () => import('./sse/server.ts'),
    client: () => import('./sse/client.ts'),
  },
  websocket: {
    label: 'WebSocket',
    summary: 'the ws library on /ws?since=; every message pushed in a frame of its own',
    look: { colour: 'green', shape: 'diamond' },
    aliases: ['ws'],
    cadence: 'push',
    tryIt: 'npx wscat -s json -c ws://HOST/ws',
    talk: {
      hear: "npx wscat -s json -c 'ws://HOST/ws?channels=room:lobby&user=ann'",
      say: { typed: [HELLO] },
    },
    page: { script: new URL('websocket/page.js', import.meta.url) },
    path: '/ws',
    connectsBy: 'upgrade',
    // RFC 6455, section 7.4.1: going away, and a policy that was violated.
    goodbye: [{ code: 'websocket-close', closeCode: 1001 }],
    // A Ping without data, and a masked Pong (RFC 6455, section 5.5).
    signOfLife: {
      usualNs: 30 * NS_PER_SECOND,
      everyNs: (heartbeatNs = 30 * NS_PER_SECOND) => heartbeatNs,
      frames: { downBytes: 2, upBytes: 6 },
    },
    tooSlow: [{ code: 'websocket-close', closeCode: 1008 }],
    // RFC 6455, section 5.2: the server does not mask.
    framing: [
      { fromBytes: 0, addsBytes: 2 },
      { fromBytes: 126, addsBytes: 4 },
      { fromBytes: 65_536, addsBytes: 10 },
    ],
    exceptions: [{ where: { http: '2' }, is: { cadence: 'push', framing: HTTP2_WEBSOCKET_FRAMING } }],
    dimensions: {
      headers: {},
      reconnect: {},
      auth: {},
      deliver: {},
      frames: {},
      compression: { only: ['none', 'deflate'] },
      http: {},
    },
    server: () => import('./websocket/server.ts'),
    client: () => import('./websocket/client.ts'),
  },
  socketio: {
    label: 'Socket.IO',
    summary: 'the socket.io library on /socket.io/; every message an event m, broadcast to all clients at once',
    look: { colour: 'ink', shape: 'plus' },
    aliases: ['socket.io', 'io'],
    cadence: 'push',
    tryIt: "npx wscat -c 'ws://HOST/socket.io/?EIO=4&transport=websocket' -x 40 -w -1",
    talk: {
      hear: "npx wscat -c 'ws://HOST/socket.io/?EIO=4&transport=websocket&channels=room:lobby&user=ann'",
      say: { typed: ['40', `420["command",${HELLO}]`] },
    },
    triedOtherwise: [
      {
        where: { shape: 'polling' },
        tryIt: `U='http://HOST/socket.io/?EIO=4&transport=polling'; U="$U&sid=$(curl -s "$U" | cut -d '"' -f 4)"; curl -sd 40 "$U"; while curl -sf "$U"; do echo; done`,
      },
    ],
    greeting: { query: 'EIO=4&transport=websocket', says: '40' },
    page: {
      script: new URL('socketio/page.js', import.meta.url),
      library: { package: 'socket.io', file: 'client-dist/socket.io.min.js', path: '/socket.io.js' },
    },
    path: '/socket.io/',
    connectsBy: 'upgrade',
    // The library closes without a code, whatever its reason.
    goodbye: [...NEXT_REQUEST_FAILS, SESSION_CLOSED, { code: 'websocket-close', closeCode: 1005 }],
    comesBack: 'socketio',
    // The packets `2` and `3`, each in a frame; the library asks every 25 s, a node here once a heartbeat.
    signOfLife: {
      usualNs: 25 * NS_PER_SECOND,
      everyNs: (heartbeatNs = 30 * NS_PER_SECOND) => heartbeatNs,
      frames: { downBytes: 3, upBytes: 7 },
    },
    tooSlow: [SESSION_CLOSED, { code: 'websocket-close', closeCode: 1005 }],
    // The frame's, and 8 bytes of the packet: `42["m",` and `]`.
    framing: [
      { fromBytes: 0, addsBytes: 10 },
      { fromBytes: 118, addsBytes: 12 },
      { fromBytes: 65_528, addsBytes: 18 },
    ],
    exceptions: [
      { where: { shape: 'polling' }, is: { cadence: 'held' } },
      { where: { frames: 'binary' }, is: { cadence: 'push', framing: BINARY_EVENT_FRAMING, writes: 2 } },
    ],
    dimensions: {
      headers: {},
      reconnect: {},
      shape: { otherwise: ['websocket', 'polling', 'upgrade'] },
      frames: {},
      compression: {},
      auth: {},
      recovery: {},
      deliver: {},
    },
    lacks: { http: 'its library attaches to servers of HTTP/1.1 and upgrades their connections' },
    // GETs, POSTs and, once upgraded, the WebSocket beside them: the library lets go of its polls late.
    connections: ({ shape }) => ({ websocket: 1, polling: 2, upgrade: 3 })[shape ?? 'websocket'],
    excludes: ({ shape, compression, recovery }, over) => {
      if (recovery === 'library' && over !== undefined && over.remembersSessions !== true)
        return 'the library remembers sessions in memory, on one node, or in its streams, and nowhere else';
      if (compression === 'deflate' && shape === 'polling') return 'polls are no WebSocket, which deflate is for';
      if (compression === 'gzip' && shape !== 'polling') return 'a WebSocket is no answer over HTTP, which gzip is for';
      return undefined;
    },
    server: () => import('./socketio/server.ts'),
    client: () => import('./socketio/client.ts'),
  },
} as const satisfies Record<string, TransportRow>;

export type TransportId = keyof typeof TRANSPORTS;

export const TRANSPORT_IDS = Object.keys(TRANSPORTS) as [TransportId, ...TransportId[]];

/** A transport that has no profiles sends no more than it needs. */
export function headerProfile(id: keyof typeof HEADER_PROFILES = 'minimal', isOverTls = false): HeaderProfile {
  return isOverTls ? overTls(HEADER_PROFILES[id]) : HEADER_PROFILES[id];
}

/** The row, with the types of its columns rather than its own. */
export function transportRow(id: TransportId): TransportRow {
  return TRANSPORTS[id];
}

/** Of a variant's values, or of those that several transports were given, what this one has. */
export function valuesOf(id: TransportId, values: DimensionValues): DimensionValues {
  const offers: Readonly<Record<string, { readonly only?: readonly unknown[] }>> = transportRow(id).dimensions;
  const own = Object.entries(values).filter(([name, value]) => offers[name]?.only?.includes(value) ?? name in offers);
  return Object.fromEntries(own);
}

/** A command that shows the feed of a variant by hand, with HOST for host and port. */
export function tryItOf({ transport, values }: { transport: TransportId; values: DimensionValues }): string {
  const row = transportRow(transport);
  const given: Readonly<Record<string, unknown>> = values;
  const other = row.triedOtherwise?.find(({ where }) =>
    Object.entries(where).every(([id, value]) => given[id] === value),
  );
  return (other ?? row).tryIt;
}

/** What a result says of the transport. */
export function traitsOf(id: TransportId): TransportTraits {
  const row = transportRow(id);
  const { label, look, exceptions, talk, path } = row;
  const described = {
    label,
    path,
    ...(look !== undefined && { look }),
    ...(exceptions !== undefined && { exceptions }),
    ...(talk !== undefined && 'command' in talk.say && { commandsBy: 'requests' as const }),
  };
  return row.cadence === 'push'
    ? { ...described, cadence: row.cadence, framing: row.framing }
    : { ...described, cadence: row.cadence };
}

/** The most TCP connections that a client of a variant holds at once. */
export function connectionsOf({ transport, values }: { transport: TransportId; values: DimensionValues }): number {
  return transportRow(transport).connections?.(values) ?? 1;
}

/** How clients of a variant get messages. */
export function cadenceOf({ transport, values }: { transport: TransportId; values: DimensionValues }): Cadence {
  return carriageOf(traitsOf(transport), values).cadence;
}

/** The transport that can be asked as fast as it answers. */
export function closedLoopTransport(): { id: TransportId; asker: NonNullable<TransportRow['closedLoop']> } {
  for (const id of TRANSPORT_IDS) {
    const asker = transportRow(id).closedLoop;
    if (asker !== undefined) return { id, asker };
  }
  throw new TypeError('no transport answers every request at once');
}

/** A node as a process of its own, told what it is over IPC. */
export const NODE_PROGRAM = new URL('node/node-process.ts', import.meta.url);
