import { formatBytes } from '../../../scenarios/units.ts';
import type { Claim } from '../verdict.ts';

const SOCKETIO = 'Socket.IO vs Native WebSockets';
const SAID_BUNDLE_BYTES = 20_000;
/** Of a number that is said with "about". */
const ABOUT = 0.15;
/** Waits that double come to 16 times at the fifth; those that stay come to one. */
const GROWS = 4;

/** What Socket.IO brings, and a plain WebSocket does not. */
export const LIBRARY_CLAIMS: readonly Claim[] = [
  {
    id: 'bundle',
    place: SOCKETIO,
    said: 'Bundle size … ~20 KB (gzipped)',
    how: 'Each of its own minified builds for browsers, by gzip at its best.',
    bounds: [
      {
        figure: 'socketio.bundleBytes',
        least: SAID_BUNDLE_BYTES * (1 - ABOUT),
        most: SAID_BUNDLE_BYTES * (1 + ABOUT),
      },
    ],
    numbers: (taken) =>
      `${taken.rangeText('socketio.bundleBytes')} by build, where the guide says about ${formatBytes(SAID_BUNDLE_BYTES)}`,
  },
  {
    id: 'built-in',
    place: SOCKETIO,
    said: 'Bundle size … 0 KB (built-in)',
    how: 'Whether there is a WebSocket without anything loaded, in Chromium and in Node.',
    bounds: [{ figure: 'page.builtIn', least: 1 }],
    numbers: (taken) =>
      `there without a byte in ${taken.all('page.builtIn').filter((one) => one === 1).length} of ${taken.all('page.builtIn').length}`,
  },
  {
    id: 'auto-reconnect',
    place: SOCKETIO,
    said: 'Auto-reconnect: manual implementation | built-in with backoff',
    how: 'A server that goes and is there again: whose client comes back without a line of the app’s own; and one that stays away: what Socket.IO waits before each try, all of its waits a twenty-fifth of what is usual.',
    bounds: [
      { figure: 'socketio.plainBack', most: 0 },
      { figure: 'socketio.waitGrowth', least: GROWS },
    ],
    shown: ['socketio.backNs'],
    numbers: (taken) =>
      `Socket.IO was back after ${taken.text('socketio.backNs')}, and ${taken.high('socketio.plainBack')} plain clients by then; its fifth wait was ${taken.spreadText('socketio.waitGrowth')} as long as its first`,
  },
  {
    id: 'rooms',
    place: SOCKETIO,
    said: 'Rooms/namespaces: manual implementation | built-in',
    how: 'What is said to a room of two and to a namespace of two, with four clients there; and what ws has for rooms, by the names of its methods.',
    bounds: [
      { figure: 'socketio.insidersReached', least: 1 },
      { figure: 'socketio.outsidersReached', most: 0 },
      { figure: 'socketio.plainRooms', most: 0 },
    ],
    numbers: (taken) =>
      `${taken.text('socketio.insidersReached')} came to members of the room and of the namespace, ${taken.text('socketio.outsidersReached')} to others; ws has ${taken.high('socketio.plainRooms')} methods for it`,
  },
  {
    id: 'fallback',
    place: SOCKETIO,
    said: 'Fallback transport: none | HTTP long-polling',
    how: 'A way that lets no upgrade through, as some proxies do: what comes of what is said.',
    bounds: [
      { figure: 'socketio.withoutUpgrade', least: 1 },
      { figure: 'socketio.plainWithoutUpgrade', most: 0 },
    ],
    numbers: (taken) =>
      `${taken.text('socketio.withoutUpgrade')} by Socket.IO, ${taken.text('socketio.plainWithoutUpgrade')} by a WebSocket; Socket.IO begins with polling where it is told nothing, so it has no need to fall back`,
  },
  {
    id: 'event-names',
    place: SOCKETIO,
    said: 'Event naming: single "message" event | custom event names',
    how: 'Five events of the app’s own, by name, to both.',
    bounds: [
      { figure: 'socketio.ownEvents', least: 1 },
      { figure: 'socketio.plainEvents', least: 1, most: 1 },
    ],
    numbers: (taken) =>
      `${taken.text('socketio.ownEvents')} came under their name by Socket.IO; a WebSocket told of all under ${taken.high('socketio.plainEvents')} name`,
  },
  {
    id: 'binary',
    place: SOCKETIO,
    said: 'Binary support: native | auto-detected',
    how: 'Bytes alone, and by Socket.IO within an object too, said without a word that they are bytes.',
    bounds: [
      { figure: 'socketio.binaryDetected', least: 1 },
      { figure: 'socketio.plainBinary', least: 1 },
    ],
    numbers: (taken) =>
      `${taken.text('socketio.binaryDetected')} came as bytes by Socket.IO, ${taken.text('socketio.plainBinary')} by a WebSocket`,
  },
  {
    id: 'interop',
    place: SOCKETIO,
    said: 'Interop: standard protocol | Socket.IO clients only',
    how: 'A plain WebSocket client at a server of Socket.IO, a client of Socket.IO at a plain server, and Node’s own client at a server of ws: what each gets of what is said to all.',
    bounds: [
      { figure: 'socketio.foreignServed', most: 0 },
      { figure: 'socketio.standardServed', least: 1 },
    ],
    numbers: (taken) =>
      `${taken.rangeText('socketio.foreignServed')} of the messages crossed between Socket.IO and plain WebSocket, ${taken.text('socketio.standardServed')} between two implementations of WebSocket`,
  },
];
