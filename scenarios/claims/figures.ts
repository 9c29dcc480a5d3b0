/**
 * What claims about transports are held against: one row a figure, with one value for each time that it was taken. Which figures a
 * claim rests on, and what follows from them, is the business of who reads them.
 *
 * - `bytes`, `ns`, `perSecond`: amounts.
 * - `share`: 0 to 1.
 * - `count`: how often, or how many.
 */
interface FigureRow {
  readonly unit: 'bytes' | 'ns' | 'perSecond' | 'share' | 'count';
  readonly meaning: string;
}

const CLAIM_FIGURES = {
  serverFrameBytes: {
    unit: 'bytes',
    meaning: 'what a server puts in front of a message on a WebSocket, from 1 B to 70,000 B',
  },
  clientFrameBytes: { unit: 'bytes', meaning: 'what a client puts in front of one, masked' },
  upgradeBytes: { unit: 'bytes', meaning: 'request and answer by which a browser opens a WebSocket' },
  pollHeaderBytes: { unit: 'bytes', meaning: 'HTTP headers of a poll and its empty answer, as a browser sends them' },
  pollBytes: { unit: 'bytes', meaning: 'a poll and its empty answer, on the socket' },

  pollingStalenessNs: { unit: 'ns', meaning: 'staleness p50, HTTP polling' },
  longPollingStalenessNs: { unit: 'ns', meaning: 'staleness p50, HTTP long-polling' },
  webSocketStalenessNs: { unit: 'ns', meaning: 'staleness p50, WebSocket' },
  pollingMessageBytes: { unit: 'bytes', meaning: 'wire bytes a message, HTTP polling' },
  longPollingMessageBytes: { unit: 'bytes', meaning: 'wire bytes a message, HTTP long-polling' },
  webSocketMessageBytes: { unit: 'bytes', meaning: 'wire bytes a message, WebSocket' },
  longPollingMessageCpuNs: { unit: 'ns', meaning: 'server CPU a message, HTTP long-polling' },
  webSocketMessageCpuNs: { unit: 'ns', meaning: 'server CPU a message, WebSocket' },
  pollingMessageCpuNs: { unit: 'ns', meaning: 'server CPU a message, HTTP polling' },
  busyEmptyShare: { unit: 'share', meaning: 'polls that came back empty, many messages an interval' },
  messagesAnInterval: { unit: 'count', meaning: 'messages due in a poll interval of that feed' },
  frameOverheadBytes: { unit: 'bytes', meaning: 'what a WebSocket adds to each message on the socket' },
  requestBytes: { unit: 'bytes', meaning: 'what a client of a WebSocket sends a second while it listens' },

  quietEmptyShare: { unit: 'share', meaning: 'polls that came back empty, few messages an interval' },
  quietMessagesAnInterval: { unit: 'count', meaning: 'messages due in a poll interval of that feed' },
  quietPollingBytes: { unit: 'bytes', meaning: 'wire bytes a client and second, HTTP polling, few messages' },
  quietWebSocketBytes: { unit: 'bytes', meaning: 'wire bytes a client and second, WebSocket, few messages' },
  quietPollingCpuNs: { unit: 'ns', meaning: 'server CPU a client and second, HTTP polling, few messages' },
  quietWebSocketCpuNs: { unit: 'ns', meaning: 'server CPU a client and second, WebSocket, few messages' },
  quietPollBytes: { unit: 'bytes', meaning: 'wire bytes of a poll, few messages' },

  fewClientsStalenessNs: { unit: 'ns', meaning: 'staleness p50, WebSocket, 2 clients' },
  fewClientsPromptShare: { unit: 'share', meaning: 'deliveries within 1 ms, WebSocket, 2 clients' },
  manyClientsPromptShare: { unit: 'share', meaning: 'deliveries within 1 ms, WebSocket, 200 clients' },

  heldConnections: { unit: 'count', meaning: 'WebSockets that one server held' },
  heldFaults: { unit: 'count', meaning: 'messages that its clients did not get, or not rightly' },
  heldBytes: { unit: 'bytes', meaning: 'memory of the server a connection' },

  guidePeak: {
    unit: 'perSecond',
    meaning: 'most connects a second after a node was killed, the guide’s backoff and jitter',
  },
  barePeak: { unit: 'perSecond', meaning: 'most connects a second after a node was killed, without jitter' },
  fullPeak: { unit: 'perSecond', meaning: 'most connects a second after a node was killed, with full jitter' },
  guideBackNs: { unit: 'ns', meaning: 'until all were back, the guide’s backoff and jitter' },
  bareBackNs: { unit: 'ns', meaning: 'until all were back, without jitter' },
  fullBackNs: { unit: 'ns', meaning: 'until all were back, with full jitter' },
  neverBack: { unit: 'count', meaning: 'clients that did not come back' },
  guideWaitNs: { unit: 'ns', meaning: 'what the guide’s client waits before each of its tries, without jitter' },
  simulatedGuidePeak: {
    unit: 'perSecond',
    meaning: 'most connects a second of 10,000 clients, simulated, the guide’s jitter',
  },
  simulatedBarePeak: {
    unit: 'perSecond',
    meaning: 'most connects a second of 10,000 clients, simulated, without jitter',
  },
  simulatedFullPeak: {
    unit: 'perSecond',
    meaning: 'most connects a second of 10,000 clients, simulated, with full jitter',
  },

  foundAfterIntervals: { unit: 'count', meaning: 'heartbeats until a client that stands still was cut off' },
  pingCpuNs: { unit: 'ns', meaning: 'server CPU of a ping and its pong' },

  redisAddedNs: { unit: 'ns', meaning: 'what Redis adds to the staleness of a message, message by message' },
  redisLost: { unit: 'count', meaning: 'messages that did not come over Redis' },

  socketioBundleBytes: { unit: 'bytes', meaning: 'Socket.IO’s client for browsers, minified, by gzip' },
  socketioBackNs: { unit: 'ns', meaning: 'until a client of Socket.IO was back by itself, from when its server was' },
  webSocketBack: { unit: 'count', meaning: 'clients of the plain WebSocket that came back by themselves' },
  roomMembersReached: { unit: 'share', meaning: 'members of a room that got what was said to it' },
  roomOthersReached: { unit: 'share', meaning: 'others that got it' },
  webSocketRooms: { unit: 'count', meaning: 'methods of ws that know rooms' },
  socketioWithoutUpgrade: {
    unit: 'share',
    meaning: 'messages that came by Socket.IO where no WebSocket can be opened',
  },
  webSocketWithoutUpgrade: { unit: 'share', meaning: 'WebSockets that opened there' },
  ownEvents: { unit: 'share', meaning: 'events of the app’s own names that came under that name' },
  binaryDetected: { unit: 'share', meaning: 'binary values, alone and within an object, that came as such' },
  foreignClientsServed: {
    unit: 'share',
    meaning: 'messages that a plain WebSocket client got of a Socket.IO server, and the other way round',
  },

  ownCloseCodes: {
    unit: 'share',
    meaning: 'closes, one a cause, that a client saw with the code that the guide names',
  },

  pageAuthorization: { unit: 'count', meaning: 'upgrades of a page that tried to set Authorization, and had it' },
  pageUpgrades: { unit: 'count', meaning: 'upgrades that pages asked for meanwhile' },
  builtIn: { unit: 'share', meaning: 'Chromium and Node: those that have a WebSocket built in' },

  urlTokensLogged: { unit: 'share', meaning: 'log lines of a server that show the token of the URL' },
  messageTokensLogged: { unit: 'share', meaning: 'log lines that show a token of the first message' },
} as const satisfies Record<string, FigureRow>;

export type ClaimFigureId = keyof typeof CLAIM_FIGURES;

export const CLAIM_FIGURE_IDS = Object.keys(CLAIM_FIGURES) as [ClaimFigureId, ...ClaimFigureId[]];

/** The row, with the types of its columns rather than its own. */
export function claimFigure(id: ClaimFigureId): FigureRow {
  return CLAIM_FIGURES[id];
}

/** Of each figure that was taken, its values. */
export type ClaimFigures = Readonly<Partial<Record<ClaimFigureId, readonly number[]>>>;
