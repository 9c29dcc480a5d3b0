import { NS_PER_MS, significant } from '../../../scenarios/units.ts';
import type { ClaimRun, HERE } from '../figure-keys.ts';
import type { Taken } from '../taken.ts';
import type { Claim, Rule } from '../verdict.ts';

const WHY = 'Why WebSockets Exist';
const SCALING = 'Scaling with Redis Pub/Sub';
/** A delay that is twice as long is another one, whatever chance does. */
const MUCH_LATER = 2;
/** What can be told from chance by a few trials. */
const LATER = 1.15;
const MOST = 0.5;

type Run = ClaimRun | typeof HERE;

/** How soon messages come. */
export const FRESHNESS_CLAIMS: readonly Claim[] = [
  {
    id: 'polling-latency',
    place: WHY,
    said: 'polling … add latency … high latency',
    how: 'Staleness of the median message, from when it was due, polled every 3 s and pushed in the same block.',
    ...later('pollingStaleness', 'feed', MUCH_LATER),
    here: later('pollingStaleness', 'here', MUCH_LATER),
  },
  {
    id: 'long-polling-latency',
    place: WHY,
    said: 'long-polling … add latency',
    how: 'The same, held and pushed, without delay on the link: a message that comes while its client asks again waits for that, and each takes an exchange of the server’s time.',
    limits:
      'No link has a delay here: on one of d a message that comes while its client asks again waits up to 2 d more.',
    ...later('longPollingStaleness', 'feed', LATER),
    here: later('longPollingStaleness', 'here', LATER),
  },
  {
    id: 'instant',
    place: WHY,
    said: 'Server pushes messages the instant they arrive … sub-millisecond latency',
    how: 'Deliveries that were at their client within 1 ms of when their message was handed to the server, on a WebSocket without delay on the link.',
    limits: 'No link has a delay here: on a real one its own is added.',
    bounds: [
      { figure: 'pushes.promptShare', least: MOST },
      { figure: 'feed.promptShare', least: MOST },
      { figure: 'crowd.promptShare', least: MOST },
    ],
    when: { bounds: [{ figure: 'pushes.promptShare', least: MOST }], text: () => 'few clients get a message' },
    shown: ['feed.clients', 'crowd.clients', 'pushes.deliveryNs', 'feed.deliveryNs', 'crowd.deliveryNs'],
    numbers: (taken) =>
      `within 1 ms: ${taken.spreadText('pushes.promptShare')} of deliveries to a single client, p50 ${taken.spreadText('pushes.deliveryNs')}; ${promptText(taken, 'feed')}; ${promptText(taken, 'crowd')}`,
    here: {
      bounds: [{ figure: 'here.promptShare', least: MOST }],
      shown: ['here.clients', 'here.deliveryNs'],
      numbers: (taken) => `deliveries within 1 ms: ${promptText(taken, 'here')}`,
    },
  },
  {
    id: 'redis-bus',
    place: SCALING,
    said: 'Redis pub/sub acts as a message bus between servers',
    how: 'The same messages at the same moment to a server that is alone and to one of two over Redis: how much later each came to a client of the other one.',
    bounds: [{ figure: 'redis.lost', most: 0 }],
    shown: ['redis.addedNs'],
    numbers: (taken) => `${taken.high('redis.lost')} lost; ${taken.spreadText('redis.addedNs')} later in the median`,
    here: {
      bounds: [{ figure: 'here.redisFaults', most: 0 }],
      shown: ['here.redisWayNs'],
      numbers: (taken) =>
        `${taken.high('here.redisFaults')} lost or wrong; over Redis a message was in the log of a node ${taken.spreadText('here.redisWayNs')} after it was published, message by message, in the median`,
    },
  },
  {
    id: 'scaling-coordinates',
    place: SCALING,
    said: 'horizontal scaling requires coordinating messages across multiple server instances',
    how: 'The same messages to one of two servers without Redis: what a client of the other one got.',
    bounds: [{ figure: 'redis.unshared', most: 0 }],
    numbers: (taken) => `${taken.high('redis.unshared')} came to a client of the other server`,
  },
];

function later(what: 'pollingStaleness' | 'longPollingStaleness', run: Run, least: number): Rule {
  return {
    bounds: [{ figure: `${run}.${what}Times`, least }],
    shown: [`${run}.${what}Ns`, `${run}.webSocketStalenessNs`, `${run}.clients`],
    numbers: (taken) =>
      `${taken.spreadText(`${run}.${what}Ns`)} against ${taken.spreadText(`${run}.webSocketStalenessNs`)} with ${taken.text(`${run}.clients`)} clients: ${addedText(taken.middle(`${run}.${what}Ns`) - taken.middle(`${run}.webSocketStalenessNs`))}, ${taken.spreadText(`${run}.${what}Times`)} as long`,
  };
}

function promptText(taken: Taken, run: Run): string {
  return `${taken.spreadText(`${run}.promptShare`)} of those to ${taken.text(`${run}.clients`)} clients, p50 ${taken.spreadText(`${run}.deliveryNs`)}`;
}

function addedText(ns: number): string {
  return `${significant(Math.abs(ns) / NS_PER_MS)} ms ${ns < 0 ? 'less' : 'more'}`;
}
