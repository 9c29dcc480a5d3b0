import { formatBytes } from '../../scenarios/units.ts';
import { type Claim, holdsIf } from './verdict.ts';

const SOCKETIO = 'Socket.IO vs Native WebSockets';
const SAID_BUNDLE_BYTES = 20_000;
/** Of a number that is said with "about". */
const ABOUT = 0.25;

/** What Socket.IO brings, and a plain WebSocket does not. */
export const LIBRARY_CLAIMS: readonly Claim[] = [
  {
    id: 'bundle',
    place: SOCKETIO,
    said: 'Bundle size … ~20 KB (gzipped)',
    how: 'Its own minified file for browsers, by gzip at its best.',
    figures: ['socketioBundleBytes'],
    judge: (taken) =>
      holdsIf(
        Math.abs(taken.middle('socketioBundleBytes') / SAID_BUNDLE_BYTES - 1) <= ABOUT,
        `${taken.text('socketioBundleBytes')}, where the guide says about ${formatBytes(SAID_BUNDLE_BYTES)}`,
      ),
  },
  {
    id: 'built-in',
    place: SOCKETIO,
    said: 'Bundle size … 0 KB (built-in)',
    how: 'Whether there is a WebSocket without anything loaded, in Chromium and in Node.',
    figures: ['builtIn'],
    judge: (taken) =>
      holdsIf(
        taken.low('builtIn') === 1,
        `there without a byte in ${taken.all('builtIn').filter((one) => one === 1).length} of ${taken.all('builtIn').length}`,
      ),
  },
  {
    id: 'auto-reconnect',
    place: SOCKETIO,
    said: 'Auto-reconnect: manual implementation | built-in with backoff',
    how: 'A server that goes and is there again: whose client comes back without a line of the app’s own.',
    figures: ['socketioBackNs', 'webSocketBack'],
    judge: (taken) =>
      holdsIf(
        taken.high('webSocketBack') === 0,
        `Socket.IO was back after ${taken.text('socketioBackNs')}; ${taken.high('webSocketBack')} plain clients were, within 5 s`,
      ),
  },
  {
    id: 'rooms',
    place: SOCKETIO,
    said: 'Rooms/namespaces: manual implementation | built-in',
    how: 'What is said to a room of two, with four clients there; and what ws has for rooms, by the names of its methods.',
    figures: ['roomMembersReached', 'roomOthersReached', 'webSocketRooms'],
    judge: (taken) =>
      holdsIf(
        taken.low('roomMembersReached') === 1 &&
          taken.high('roomOthersReached') === 0 &&
          taken.high('webSocketRooms') === 0,
        `${taken.text('roomMembersReached')} came to its members, ${taken.text('roomOthersReached')} to others; ws has ${taken.high('webSocketRooms')} methods for it`,
      ),
  },
  {
    id: 'fallback',
    place: SOCKETIO,
    said: 'Fallback transport: none | HTTP long-polling',
    how: 'A way that lets no upgrade through, as some proxies do: what comes of what is said.',
    figures: ['socketioWithoutUpgrade', 'webSocketWithoutUpgrade'],
    judge: (taken) =>
      holdsIf(
        taken.low('socketioWithoutUpgrade') === 1 && taken.high('webSocketWithoutUpgrade') === 0,
        `${taken.text('socketioWithoutUpgrade')} by Socket.IO, ${taken.text('webSocketWithoutUpgrade')} by a WebSocket; Socket.IO begins with polling where it is told nothing, so it has no need to fall back`,
      ),
  },
  {
    id: 'event-names',
    place: SOCKETIO,
    said: 'Event naming: single "message" event | custom event names',
    how: 'Five events of the app’s own, by name.',
    figures: ['ownEvents'],
    judge: (taken) => holdsIf(taken.low('ownEvents') === 1, `${taken.text('ownEvents')} came under their name`),
  },
  {
    id: 'binary',
    place: SOCKETIO,
    said: 'Binary support: native | auto-detected',
    how: 'Bytes alone and within an object, said without a word that they are bytes.',
    figures: ['binaryDetected'],
    judge: (taken) => holdsIf(taken.low('binaryDetected') === 1, `${taken.text('binaryDetected')} came as bytes`),
  },
  {
    id: 'interop',
    place: SOCKETIO,
    said: 'Interop: standard protocol | Socket.IO clients only',
    how: 'A plain WebSocket client at a server of Socket.IO, and a client of Socket.IO at a plain server: what each gets of what is said to all.',
    figures: ['foreignClientsServed'],
    judge: (taken) =>
      holdsIf(taken.high('foreignClientsServed') === 0, `${taken.rangeText('foreignClientsServed')} of the messages`),
  },
];
