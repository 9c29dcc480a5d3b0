import { significant } from '../../../scenarios/units.ts';
import type { ClaimRun, HERE } from '../figure-keys.ts';
import { THOUSANDS } from '../run-figures.ts';
import type { Taken } from '../taken.ts';
import type { Claim, Rule } from '../verdict.ts';

const WHY = 'Why WebSockets Exist';
const HANDSHAKE = 'The WebSocket Handshake';
const SCALING = 'Scaling with Redis Pub/Sub';

/** Less is no waste that anybody would change a transport for. */
const MUCH = 1.2;
const HUNDREDS_BYTES = 200;
const MOST = 0.5;
const LONGEST_FRAME_HEAD_BYTES = 14;
/** Of a client and second: an answer of 6 B every 30 s is less, and the smallest request is much more. */
const A_HEARTBEAT_BYTES = 1;
const HTTP1 =
  'Trials are over HTTP/1.1. HTTP/2 compresses headers, so a request costs less there: what is said of it follows from its bytes on a socket.';
/** Of a frame of HTTP/2 (RFC 9113, section 4.1), in which a message goes there. */
const HTTP2_FRAME_BYTES = 9;

type Run = ClaimRun | typeof HERE;

/** What costs bytes, CPU and memory. */
export const COST_CLAIMS: readonly Claim[] = [
  {
    id: 'frame-bytes',
    place: WHY,
    said: '2-14 bytes per frame',
    how: 'What the ws library writes around messages of 1 B to 70,000 B, counted on the socket.',
    bounds: [
      { figure: 'frames.serverBytes', least: 2, most: LONGEST_FRAME_HEAD_BYTES },
      { figure: 'frames.clientBytes', least: 2, most: LONGEST_FRAME_HEAD_BYTES },
    ],
    numbers: (taken) =>
      `${taken.rangeText('frames.serverBytes')} from a server, ${taken.rangeText('frames.clientBytes')} towards it, where frames are masked`,
  },
  {
    id: 'header-bytes',
    place: WHY,
    said: 'hundreds of bytes for HTTP headers',
    how: 'A poll that finds nothing, as Chromium sends it to its own server with two cookies, counted on the socket: over HTTP/1.1, and over HTTP/2 from the second poll of a connection on; both without TLS and with it.',
    bounds: [
      { figure: 'exchanges.pollHeaderBytes', least: HUNDREDS_BYTES },
      { figure: 'exchanges.http2PollBytes', least: HUNDREDS_BYTES },
    ],
    when: {
      bounds: [{ figure: 'exchanges.pollHeaderBytes', least: HUNDREDS_BYTES }],
      text: () => 'requests go over HTTP/1.1',
    },
    shown: ['exchanges.pollBytes', 'exchanges.tlsPollBytes', 'exchanges.http2TlsPollBytes'],
    numbers: (taken) =>
      `${taken.text('exchanges.pollHeaderBytes')} of headers around ${taken.middle('exchanges.pollBytes') - taken.middle('exchanges.pollHeaderBytes')} B over HTTP/1.1; over HTTP/2, which compresses them, ${taken.rangeText('exchanges.http2PollBytes')} for the same poll with its answer; over TLS ${taken.text('exchanges.tlsPollBytes')} and ${taken.text('exchanges.http2TlsPollBytes')}`,
    here: {
      bounds: [{ figure: 'here.exchangeBytes', least: HUNDREDS_BYTES }],
      numbers: (taken) => `${taken.spreadText('here.exchangeBytes')} around what a poll brings, over HTTP/1.1`,
    },
  },
  {
    id: 'no-headers',
    place: HANDSHAKE,
    said: 'no more HTTP headers per message',
    how: 'Bytes that came out of the sockets of WebSocket clients, less the messages, a message.',
    ...frameOverhead('feed'),
    here: frameOverhead('here'),
  },
  {
    id: 'handshake',
    place: HANDSHAKE,
    said: 'The server responds with HTTP 101 … Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    how: 'An upgrade with the key of the guide’s example, as Chromium sends it: status and key of the answer.',
    bounds: [{ figure: 'exchanges.acceptedUpgrades', least: 1 }],
    shown: ['exchanges.upgradeBytes'],
    numbers: (taken) =>
      `${taken.text('exchanges.acceptedUpgrades')} of upgrades answered so; request and answer take ${taken.text('exchanges.upgradeBytes')}, once`,
  },
  {
    id: 'minimal-overhead',
    place: WHY,
    said: 'Once established, both sides can send messages at any time with minimal overhead',
    how: 'Messages of 200 B, one after the other, to a client of each transport that delivers at once: what comes and goes on its socket besides.',
    limits: HTTP1,
    // A message less would be enough for the superlative; that nobody comes near is what it says.
    bounds: [{ figure: 'pushes.otherTimes', least: 1 }],
    shown: [
      'pushes.webSocketBytes',
      'pushes.sseBytes',
      'pushes.socketioBytes',
      'pushes.longPollingBytes',
      'exchanges.upgradeBytes',
      'exchanges.pollBytes',
      'exchanges.http2PollBytes',
    ],
    numbers: (taken) =>
      `a message takes ${taken.text('pushes.webSocketBytes')} more by WebSocket, ${taken.text('pushes.socketioBytes')} by Socket.IO, ${taken.text('pushes.sseBytes')} by Server-Sent Events, ${taken.text('pushes.longPollingBytes')} by long-polling (over HTTP/2 about ${taken.text('exchanges.http2PollBytes')}, and ${HTTP2_FRAME_BYTES} B more by the others); a poll that waits for ${significant(taken.middle('exchanges.pollBytes') / taken.middle('pushes.webSocketBytes'))} messages adds as little to each. The upgrade costs as much as ${significant(taken.middle('exchanges.upgradeBytes') / taken.middle('exchanges.pollBytes'))} polls that find nothing`,
  },
  {
    id: 'zero-requests',
    place: WHY,
    said: 'Zero wasted requests',
    how: 'Bytes that WebSocket clients sent while they listened for some seconds.',
    ...requests('feed'),
    here: requests('here'),
  },
  {
    id: 'empty-polls',
    place: WHY,
    said: 'Most responses: 200 OK with empty array (no new messages)',
    how: 'Polls every 3 s that found nothing, in a feed of many and in one of few messages a poll interval.',
    bounds: [
      { figure: 'feed.emptyShare', least: MOST },
      { figure: 'quiet.emptyShare', least: MOST },
    ],
    when: {
      bounds: [{ figure: 'quiet.emptyShare', least: MOST }],
      // Evenly spaced messages leave 1 − m of the polls empty, and messages that come by chance e^−m.
      text: () => 'fewer than 0.5 messages come in a poll interval, or 0.7 where they come by chance',
    },
    shown: ['feed.messagesAnInterval', 'quiet.messagesAnInterval'],
    numbers: (taken) => `empty: ${emptyText(taken, 'quiet')}, ${emptyText(taken, 'feed')}`,
    here: {
      bounds: [{ figure: 'here.emptyShare', least: MOST }],
      shown: ['here.messagesAnInterval'],
      numbers: (taken) => `empty: ${emptyText(taken, 'here')}`,
    },
  },
  {
    id: 'polling-inefficient',
    place: WHY,
    said: 'polling … inefficient',
    how: 'Wire bytes of polling every 3 s and of WebSocket for the same messages, block by block; where they cross follows from the bytes of a poll that finds nothing.',
    limits: HTTP1,
    bounds: [
      { figure: 'feed.pollingBytesTimes', least: MUCH },
      { figure: 'quiet.pollingBytesTimes', least: MUCH },
    ],
    when: {
      bounds: [{ figure: 'quiet.pollingBytesTimes', least: MUCH }],
      text: (taken) =>
        `fewer than about ${roughly(crossing(taken))} messages come in a poll interval, or ${roughly(crossingOverHttp2(taken))} over HTTP/2`,
    },
    shown: [
      'feed.pollingMessageBytes',
      'feed.webSocketMessageBytes',
      'feed.messagesAnInterval',
      'quiet.pollBytes',
      'exchanges.pollBytes',
      'exchanges.http2PollBytes',
    ],
    numbers: (taken) =>
      `${bytesText(taken, 'feed')}; ${bytesText(taken, 'quiet')}; both cost the same at ${significant(crossing(taken))} messages an interval, because a poll that finds nothing takes ${taken.text('quiet.pollBytes')} and each further message ${significant(marginalBytes(taken))} B instead of ${taken.text('feed.webSocketMessageBytes')}; over HTTP/2, where a poll takes ${taken.text('exchanges.http2PollBytes')} on the socket instead of ${taken.text('exchanges.pollBytes')}, at ${significant(crossingOverHttp2(taken))}`,
    here: {
      bounds: [{ figure: 'here.pollingBytesTimes', least: MUCH }],
      shown: ['here.messagesAnInterval'],
      numbers: (taken) => bytesText(taken, 'here'),
    },
  },
  {
    id: 'polling-wastes',
    place: WHY,
    said: 'Wastes bandwidth and server resources',
    how: 'Wire bytes and server CPU of polling every 3 s, by those of WebSocket in the same block.',
    limits: HTTP1,
    bounds: (['feed', 'quiet'] as const).flatMap(wasteBounds),
    when: { bounds: wasteBounds('quiet'), text: () => 'few messages come in a poll interval' },
    shown: [
      'feed.messagesAnInterval',
      'quiet.messagesAnInterval',
      'quiet.pollingClientBytes',
      'quiet.webSocketClientBytes',
    ],
    numbers: (taken) =>
      `${wasteText(taken, 'quiet')} (${taken.text('quiet.pollingClientBytes')} against ${taken.text('quiet.webSocketClientBytes')} a client and second); ${wasteText(taken, 'feed')}`,
    here: {
      bounds: wasteBounds('here'),
      shown: ['here.messagesAnInterval'],
      numbers: (taken) => wasteText(taken, 'here'),
    },
  },
  {
    id: 'long-polling-inefficient',
    place: WHY,
    said: 'long-polling … inefficient',
    how: 'Bytes on the socket for a message that is an answer and a request of its own, by those on a WebSocket; and wire bytes and server CPU of both in a feed, block by block, where messages that come while a client asks again share an answer.',
    limits: HTTP1,
    bounds: [
      { figure: 'pushes.longPollingTimes', least: MUCH },
      { figure: 'feed.longPollingBytesTimes', least: 1 },
    ],
    shown: [...longPollingFigures('feed'), 'exchanges.pollBytes', 'exchanges.http2PollBytes'],
    numbers: (taken) =>
      `${taken.text('pushes.longPollingTimes')} the bytes for a message alone, where an answer and a request take ${taken.text('exchanges.pollBytes')} (over HTTP/2 ${taken.text('exchanges.http2PollBytes')}); ${longPollingText(taken, 'feed')}`,
    here: {
      bounds: [{ figure: 'here.longPollingBytesTimes', least: MUCH }],
      shown: longPollingFigures('here'),
      numbers: (taken) => longPollingText(taken, 'here'),
    },
  },
  {
    id: 'thousands',
    place: SCALING,
    said: 'A single WebSocket server handles thousands of connections',
    how: '5,000 clients of one node, a message a second to each, every delivery audited.',
    ...held('crowd'),
    here: held('here'),
  },
];

function frameOverhead(run: Run): Rule {
  return {
    bounds: [{ figure: `${run}.frameOverheadBytes`, most: LONGEST_FRAME_HEAD_BYTES }],
    shown: [`${run}.clients`],
    numbers: (taken) =>
      `${taken.spreadText(`${run}.frameOverheadBytes`)} beside each message, to ${taken.text(`${run}.clients`)} clients`,
  };
}

function requests(run: Run): Rule {
  return {
    bounds: [{ figure: `${run}.requestBytes`, most: A_HEARTBEAT_BYTES }],
    shown: [`${run}.clients`],
    numbers: (taken) =>
      `${taken.text(`${run}.clients`)} clients that listen ask nothing; they sent ${taken.spreadText(`${run}.requestBytes`)} a second each, their answers to pings of the server`,
  };
}

function emptyText(taken: Taken, run: Run): string {
  return `${taken.text(`${run}.emptyShare`)} of polls at ${taken.text(`${run}.messagesAnInterval`)} messages an interval`;
}

function bytesText(taken: Taken, run: Run): string {
  return `${taken.spreadText(`${run}.pollingBytesTimes`)} the bytes of WebSocket at ${taken.text(`${run}.messagesAnInterval`)} messages an interval`;
}

function wasteBounds(run: Run): Rule['bounds'] {
  return [
    { figure: `${run}.pollingBytesTimes`, least: MUCH },
    { figure: `${run}.pollingCpuTimes`, least: MUCH },
  ];
}

function wasteText(taken: Taken, run: Run): string {
  return `${taken.spreadText(`${run}.pollingBytesTimes`)} the bytes of WebSocket and ${taken.spreadText(`${run}.pollingCpuTimes`)} the CPU at ${taken.text(`${run}.messagesAnInterval`)} messages an interval`;
}

function longPollingFigures<R extends Run>(
  run: R,
): `${R}.${'longPollingCpuTimes' | 'longPollingMessageBytes' | 'webSocketMessageBytes'}`[] {
  return [`${run}.longPollingCpuTimes`, `${run}.longPollingMessageBytes`, `${run}.webSocketMessageBytes`];
}

function longPollingText(taken: Taken, run: Run): string {
  return `${taken.spreadText(`${run}.longPollingBytesTimes`)} the bytes of WebSocket (${taken.text(`${run}.longPollingMessageBytes`)} against ${taken.text(`${run}.webSocketMessageBytes`)} a message), ${taken.spreadText(`${run}.longPollingCpuTimes`)} the CPU`;
}

function held(run: Run): Rule {
  return {
    bounds: [
      { figure: `${run}.connections`, least: THOUSANDS },
      { figure: `${run}.faults`, most: 0 },
    ],
    shown: [`${run}.connectionBytes`],
    numbers: (taken) =>
      `${taken.low(`${run}.connections`).toLocaleString('en-US')} held, ${taken.high(`${run}.faults`)} messages lost or wrong; ${taken.spreadText(`${run}.connectionBytes`)} of memory each`,
  };
}

/** What one more message adds to an answer: a poll has a fixed part and this one for each message. */
function marginalBytes(taken: Taken): number {
  return (
    taken.middle('feed.pollingMessageBytes') - taken.middle('quiet.pollBytes') / taken.middle('feed.messagesAnInterval')
  );
}

/** Where the fixed part of a poll is what its messages save. */
function crossing(taken: Taken): number {
  return taken.middle('quiet.pollBytes') / (taken.middle('feed.webSocketMessageBytes') - marginalBytes(taken));
}

/** The same with what a poll takes less over HTTP/2, and a message in a frame of it more. */
function crossingOverHttp2(taken: Taken): number {
  const saved = taken.middle('exchanges.pollBytes') - taken.middle('exchanges.http2PollBytes');
  const pushed = taken.middle('feed.webSocketMessageBytes') + HTTP2_FRAME_BYTES;
  return (taken.middle('quiet.pollBytes') - saved) / (pushed - marginalBytes(taken));
}

/** One digit: more would be another text the next time. */
function roughly(value: number): string {
  return Number(value.toPrecision(1)).toLocaleString('en-US');
}
