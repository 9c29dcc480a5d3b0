/**
 * What claims about transports are held against. Which of the figures a claim rests on, and what follows from them, is the business
 * of who reads them.
 *
 * - `bytes`, `ns`, `perSecond`: amounts.
 * - `share`: 0 to 1.
 * - `times`: one amount by another.
 * - `count`: how often, or how many.
 */
export interface FigureRow {
  readonly unit: 'bytes' | 'ns' | 'perSecond' | 'share' | 'times' | 'count';
  readonly meaning: string;
  /** What else the machine does is in it. Bytes and counts are what they are on a busy one too. */
  readonly fragile?: true;
}

/** Of a figure, one value for each time that it was taken. */
export interface TakenFigure {
  readonly values: readonly number[];
  /** Those of trials that were disturbed, where the figure is fragile. */
  readonly disturbed: readonly number[];
  /** By what; null where none was. */
  readonly by: string | null;
}

/** What no trial of a feed can tell: by the probe that takes it. */
export const PROBE_FIGURES = {
  frames: {
    serverBytes: { unit: 'bytes', meaning: 'what a server puts in front of a message on a WebSocket' },
    clientBytes: { unit: 'bytes', meaning: 'what a client puts in front of one, masked' },
  },
  exchanges: {
    upgradeBytes: { unit: 'bytes', meaning: 'request and answer by which a browser opens a WebSocket' },
    acceptedUpgrades: { unit: 'share', meaning: 'upgrades answered 101 with the key that RFC 6455 computes' },
    pollHeaderBytes: {
      unit: 'bytes',
      meaning: 'HTTP/1.1 headers of a poll and its empty answer, as a browser sends them',
    },
    pollBytes: { unit: 'bytes', meaning: 'such a poll with its answer' },
    tlsPollBytes: { unit: 'bytes', meaning: 'the same over TLS, with all that TLS adds' },
    http2PollBytes: {
      unit: 'bytes',
      meaning: 'the same poll with its answer over HTTP/2, from the second on a connection on',
    },
    http2TlsPollBytes: { unit: 'bytes', meaning: 'that over TLS' },
  },
  pushes: {
    promptShare: { unit: 'share', meaning: 'messages that were at a single client within 1 ms', fragile: true },
    deliveryNs: { unit: 'ns', meaning: 'from handed to a server to its single client, p50, WebSocket', fragile: true },
    webSocketBytes: { unit: 'bytes', meaning: 'what a WebSocket adds to a message' },
    sseBytes: { unit: 'bytes', meaning: 'what Server-Sent Events add to it' },
    socketioBytes: { unit: 'bytes', meaning: 'what Socket.IO adds to it, on a WebSocket' },
    longPollingBytes: { unit: 'bytes', meaning: 'what HTTP long-polling adds to it, with one message an answer' },
    longPollingTimes: {
      unit: 'times',
      meaning: 'bytes on the socket for a message of 200 B, long-polling by WebSocket',
    },
    otherTimes: { unit: 'times', meaning: 'what each of the others adds, by what a WebSocket adds' },
  },
  backoff: {
    asSaid: { unit: 'share', meaning: 'waits of the guide’s client that are as long as it says' },
    waitNs: { unit: 'ns', meaning: 'what the guide’s client waits before each of its tries, without jitter' },
    jitteredWaitNs: { unit: 'ns', meaning: 'the longest that it waits, with its jitter' },
    guidePeak: {
      unit: 'perSecond',
      meaning: 'most connects a second of 10,000 clients, simulated, the guide’s jitter',
    },
    barePeak: { unit: 'perSecond', meaning: 'the same without jitter' },
    fullPeak: { unit: 'perSecond', meaning: 'the same with full jitter' },
    guideTimes: { unit: 'times', meaning: 'that peak with the guide’s jitter, by the one without, simulated' },
  },
  heartbeat: {
    foundShare: { unit: 'share', meaning: 'clients that stand still and were cut off' },
    foundIntervals: { unit: 'count', meaning: 'heartbeats until one was cut off' },
    pingCpuNs: { unit: 'ns', meaning: 'server CPU of a ping and its pong', fragile: true },
  },
  redis: {
    addedNs: { unit: 'ns', meaning: 'what Redis adds to a message, message by message', fragile: true },
    lost: { unit: 'count', meaning: 'messages that did not come over Redis' },
    unshared: { unit: 'count', meaning: 'messages that a client of a second server got without Redis' },
  },
  socketio: {
    bundleBytes: { unit: 'bytes', meaning: 'Socket.IO’s builds for browsers, minified, by gzip' },
    backNs: { unit: 'ns', meaning: 'until a client of Socket.IO was back by itself, from when its server was' },
    waitGrowth: { unit: 'times', meaning: 'what it waited before its fifth try, by what it waited before the first' },
    plainBack: { unit: 'count', meaning: 'clients of the plain WebSocket that were back by then' },
    insidersReached: { unit: 'share', meaning: 'messages to a room and to a namespace that their members got' },
    outsidersReached: { unit: 'share', meaning: 'of them, what others got' },
    plainRooms: { unit: 'count', meaning: 'methods of ws that know rooms' },
    withoutUpgrade: { unit: 'share', meaning: 'messages that came by Socket.IO where no WebSocket can be opened' },
    plainWithoutUpgrade: { unit: 'share', meaning: 'WebSockets that opened there' },
    ownEvents: { unit: 'share', meaning: 'events of the app’s own names that came under that name' },
    plainEvents: { unit: 'count', meaning: 'names of events under which a plain WebSocket tells of messages' },
    binaryDetected: { unit: 'share', meaning: 'binary values, alone and within an object, that came as such' },
    plainBinary: { unit: 'share', meaning: 'binary messages that came as such on a plain WebSocket' },
    foreignServed: {
      unit: 'share',
      meaning: 'messages that a plain WebSocket client got of a Socket.IO server, and the other way round',
    },
    standardServed: { unit: 'share', meaning: 'messages that another implementation of WebSocket got of ws' },
  },
  closeCodes: {
    seen: {
      unit: 'share',
      meaning: 'closes, one a code or cause, that a client saw with the code that the guide names',
    },
  },
  logs: {
    urlTokens: { unit: 'share', meaning: 'tokens of URLs that stand in the log of a server' },
    messageTokens: { unit: 'share', meaning: 'tokens of first messages that stand there' },
  },
  page: {
    upgrades: { unit: 'count', meaning: 'upgrades of a page that tried to set Authorization' },
    authorized: { unit: 'count', meaning: 'of them, those that had it' },
    fetchesAuthorized: { unit: 'share', meaning: 'requests by fetch of that page that had it' },
    builtIn: { unit: 'share', meaning: 'Chromium and Node: those that have a WebSocket built in' },
  },
  streams: {
    http1Open: { unit: 'count', meaning: 'event streams that a page had open of seven to one host, over HTTP/1.1' },
    http1Answered: { unit: 'share', meaning: 'requests beside them that were answered within 1.5 s' },
    http1FreedNs: { unit: 'ns', meaning: 'until one was answered when two of the streams had ended', fragile: true },
    http2Open: { unit: 'count', meaning: 'event streams that a page had open of seven to one host, over HTTP/2' },
    http2Answered: { unit: 'share', meaning: 'requests beside those that were answered within 1.5 s' },
    http2AnswerNs: { unit: 'ns', meaning: 'until one was answered beside those', fragile: true },
  },
} as const satisfies Record<string, Record<string, FigureRow>>;

type ProbeFigures = typeof PROBE_FIGURES;

/** Every probe has figures. */
export type ProbeId = keyof ProbeFigures;

export type FiguresOf<Id extends ProbeId> = Readonly<Record<keyof ProbeFigures[Id], readonly number[]>>;

/** `frames.serverBytes`. */
export type ProbeFigureKey = { [Id in ProbeId]: `${Id}.${keyof ProbeFigures[Id] & string}` }[ProbeId];
