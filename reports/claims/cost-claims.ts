import { significant } from '../../scenarios/units.ts';
import { type Claim, holdsIf } from './verdict.ts';
import type { Taken } from './taken.ts';

const WHY = 'Why WebSockets Exist';
const HANDSHAKE = 'The WebSocket Handshake';
const SCALING = 'Scaling with Redis Pub/Sub';

/** Below this, that one is cheaper is chance. */
const MUCH = 1.2;
/** Of a poll interval in which messages come by chance, more than half are empty below this. */
const MOST_ARE_EMPTY = Math.LN2;
const A_FEW_THOUSAND = 2000;
/** Of a client and second: an answer of 6 B every 30 s is less, and the smallest request is much more. */
const A_HEARTBEAT_BYTES = 1;

/** What costs bytes, CPU and memory. */
export const COST_CLAIMS: readonly Claim[] = [
  {
    id: 'frame-bytes',
    place: WHY,
    said: '2-14 bytes per frame',
    how: 'What the ws library writes around messages of 1 B to 70,000 B, counted on the socket.',
    figures: ['serverFrameBytes', 'clientFrameBytes'],
    judge: (taken) =>
      holdsIf(
        taken.low('serverFrameBytes') >= 2 && taken.high('clientFrameBytes') <= 14,
        `${taken.rangeText('serverFrameBytes')} from a server, ${taken.rangeText('clientFrameBytes')} towards it, where frames are masked`,
      ),
  },
  {
    id: 'header-bytes',
    place: WHY,
    said: 'hundreds of bytes for HTTP headers',
    how: 'Headers of a poll and of its empty answer on HTTP/1.1, as Chromium sends them to its own server with two cookies, counted on the socket.',
    figures: ['pollHeaderBytes', 'pollBytes'],
    judge: (taken) =>
      holdsIf(
        taken.low('pollHeaderBytes') >= 200,
        `${taken.text('pollHeaderBytes')} of headers around ${taken.middle('pollBytes') - taken.middle('pollHeaderBytes')} B, on HTTP/1.1; HTTP/2, which compresses headers, is not measured here`,
      ),
  },
  {
    id: 'no-headers',
    place: HANDSHAKE,
    said: 'no more HTTP headers per message',
    how: 'Bytes that came out of the sockets of 200 WebSocket clients, less the messages, a message.',
    figures: ['frameOverheadBytes'],
    judge: (taken) =>
      holdsIf(
        taken.high('frameOverheadBytes') <= 14,
        `${taken.spreadText('frameOverheadBytes')} beside a message of 200 B`,
      ),
  },
  {
    id: 'minimal-overhead',
    place: WHY,
    said: 'Once established, both sides can send messages at any time with minimal overhead',
    how: 'The upgrade as Chromium sends it, with its answer, against a poll that finds nothing.',
    figures: ['upgradeBytes', 'pollBytes'],
    judge: (taken) => {
      const polls = taken.middle('upgradeBytes') / taken.middle('pollBytes');
      return holdsIf(
        polls < 3,
        `the upgrade takes ${taken.text('upgradeBytes')}, once: as much as ${significant(polls)} polls that find nothing`,
      );
    },
  },
  {
    id: 'zero-requests',
    place: WHY,
    said: 'Zero wasted requests',
    how: 'Bytes that 200 WebSocket clients sent while they listened for some seconds.',
    figures: ['requestBytes'],
    judge: (taken) =>
      holdsIf(
        taken.high('requestBytes') < A_HEARTBEAT_BYTES,
        `clients that listen ask nothing; they sent ${taken.spreadText('requestBytes')} a second each, which answers a ping of the server now and then`,
      ),
  },
  {
    id: 'empty-polls',
    place: WHY,
    said: 'Most responses: 200 OK with empty array (no new messages)',
    how: 'Polls that found nothing, in a feed of many and in one of few messages a poll interval.',
    figures: ['busyEmptyShare', 'messagesAnInterval', 'quietEmptyShare', 'quietMessagesAnInterval'],
    judge: (taken) => {
      const numbers = `empty: ${taken.text('quietEmptyShare')} of polls at ${taken.text('quietMessagesAnInterval')} messages an interval, ${taken.text('busyEmptyShare')} at ${taken.text('messagesAnInterval')}`;
      const [busy, quiet] = [taken.middle('busyEmptyShare') > 0.5, taken.middle('quietEmptyShare') > 0.5];
      if (!quiet || busy) return holdsIf(busy, numbers);
      const when = `fewer than ${significant(MOST_ARE_EMPTY)} messages come in an interval`;
      return { kind: 'holds-when', when, numbers };
    },
  },
  {
    id: 'polling-inefficient',
    place: WHY,
    said: 'polling … inefficient',
    how: 'Wire bytes a message of polling every 3 s and of WebSocket, 20 messages a second; where they cross follows from the bytes of a poll that finds nothing.',
    figures: ['pollingMessageBytes', 'webSocketMessageBytes', 'messagesAnInterval', 'quietPollBytes'],
    judge: judgePollingBytes,
  },
  {
    id: 'polling-wastes',
    place: WHY,
    said: 'Wastes bandwidth and server resources',
    how: 'Wire bytes and server CPU a client and second where 0.1 messages a second come, and CPU a message where 20 do.',
    figures: [
      'quietPollingBytes',
      'quietWebSocketBytes',
      'quietPollingCpuNs',
      'quietWebSocketCpuNs',
      'pollingMessageCpuNs',
      'webSocketMessageCpuNs',
    ],
    judge: (taken) => {
      const bytes = ratioOf(taken, 'quietPollingBytes', 'quietWebSocketBytes');
      const cpu = ratioOf(taken, 'quietPollingCpuNs', 'quietWebSocketCpuNs');
      const busyCpu = ratioOf(taken, 'pollingMessageCpuNs', 'webSocketMessageCpuNs');
      const numbers = `few messages: ${significant(bytes)} times the bytes of WebSocket (${taken.text('quietPollingBytes')} against ${taken.text('quietWebSocketBytes')} a client and second), ${significant(cpu)} times the CPU; many: ${significant(busyCpu)} times the CPU a message`;
      if (bytes < MUCH) return holdsIf(false, numbers);
      return busyCpu > 2 * MUCH
        ? holdsIf(true, numbers)
        : { kind: 'holds-when', when: 'few messages come in an interval', numbers };
    },
  },
  {
    id: 'long-polling-inefficient',
    place: WHY,
    said: 'long-polling … inefficient',
    how: 'Wire bytes and server CPU a message of long-polling and of WebSocket, 20 messages a second to 200 clients.',
    figures: ['longPollingMessageBytes', 'webSocketMessageBytes', 'longPollingMessageCpuNs', 'webSocketMessageCpuNs'],
    judge: (taken) => {
      const bytes = ratioOf(taken, 'longPollingMessageBytes', 'webSocketMessageBytes');
      const cpu = ratioOf(taken, 'longPollingMessageCpuNs', 'webSocketMessageCpuNs');
      return holdsIf(
        bytes > MUCH,
        `${significant(bytes)} times the bytes of WebSocket (${taken.spreadText('longPollingMessageBytes')} against ${taken.spreadText('webSocketMessageBytes')} a message), ${significant(cpu)} times the CPU`,
      );
    },
  },
  {
    id: 'thousands',
    place: SCALING,
    said: 'A single WebSocket server handles thousands of connections',
    how: '5,000 clients of one node, a message a second to each, every delivery audited.',
    figures: ['heldConnections', 'heldFaults', 'heldBytes'],
    judge: (taken) =>
      holdsIf(
        taken.low('heldConnections') >= A_FEW_THOUSAND && taken.high('heldFaults') === 0,
        `${taken.low('heldConnections').toLocaleString('en-US')} held, ${taken.high('heldFaults')} messages lost or wrong; ${taken.spreadText('heldBytes')} of memory each`,
      ),
  },
];

type Amount = Parameters<Taken['middle']>[0];

function ratioOf(taken: Taken, of: Amount, to: Amount): number {
  return taken.middle(of) / taken.middle(to);
}

/** A poll has a fixed part and one for each message; what is pushed has only the second. */
function judgePollingBytes(taken: Taken): ReturnType<Claim['judge']> {
  const pollBytes = taken.middle('quietPollBytes');
  const [polled, pushed] = [taken.middle('pollingMessageBytes'), taken.middle('webSocketMessageBytes')];
  const marginal = polled - pollBytes / taken.middle('messagesAnInterval');
  const numbers = `${taken.spreadText('pollingMessageBytes')} a message against ${taken.spreadText('webSocketMessageBytes')} at ${taken.text('messagesAnInterval')} messages an interval; a poll that finds nothing takes ${taken.text('quietPollBytes')}`;
  if (marginal >= pushed) return holdsIf(true, numbers);
  const crossing = pollBytes / (pushed - marginal);
  return { kind: 'holds-when', when: `fewer than ${significant(crossing)} messages come in an interval`, numbers };
}
