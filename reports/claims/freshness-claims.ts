import { significant } from '../../scenarios/units.ts';
import { type Claim, holdsIf } from './verdict.ts';

const WHY = 'Why WebSockets Exist';
/** What can be told from chance by a few trials. */
const MUCH = 1.15;

/** How soon messages come. */
export const FRESHNESS_CLAIMS: readonly Claim[] = [
  {
    id: 'polling-latency',
    place: WHY,
    said: 'polling … add latency',
    how: 'Staleness of the median message, from when it was due, polled every 3 s and pushed.',
    figures: ['pollingStalenessNs', 'webSocketStalenessNs'],
    judge: (taken) =>
      holdsIf(
        taken.low('pollingStalenessNs') > 2 * taken.high('webSocketStalenessNs'),
        `${taken.spreadText('pollingStalenessNs')} against ${taken.spreadText('webSocketStalenessNs')}: half of the poll interval`,
      ),
  },
  {
    id: 'long-polling-latency',
    place: WHY,
    said: 'long-polling … add latency',
    how: 'The same, held and pushed, without delay on the link: a client that asks again for a message that came meanwhile waits for a way there and back.',
    figures: ['longPollingStalenessNs', 'webSocketStalenessNs'],
    judge: (taken) => {
      const ratio = taken.middle('longPollingStalenessNs') / taken.middle('webSocketStalenessNs');
      return holdsIf(
        ratio > MUCH,
        `${significant(ratio)} times: ${taken.spreadText('longPollingStalenessNs')} against ${taken.spreadText('webSocketStalenessNs')}`,
      );
    },
  },
  {
    id: 'instant',
    place: WHY,
    said: 'Server pushes messages the instant they arrive … sub-millisecond latency',
    how: 'Deliveries that were at their client within 1 ms of when their message was due, on a WebSocket without delay on the link, to 2 clients and to 200.',
    figures: ['fewClientsPromptShare', 'manyClientsPromptShare', 'fewClientsStalenessNs', 'webSocketStalenessNs'],
    judge: (taken) => {
      const numbers = `within 1 ms: ${taken.text('fewClientsPromptShare')} of deliveries to 2 clients (p50 ${taken.spreadText('fewClientsStalenessNs')}), ${taken.text('manyClientsPromptShare')} of those to 200 (p50 ${taken.spreadText('webSocketStalenessNs')})`;
      if (taken.low('manyClientsPromptShare') > 0.99) return holdsIf(true, numbers);
      if (taken.middle('fewClientsPromptShare') < 0.05) return holdsIf(false, numbers);
      return { kind: 'holds-when', when: 'few clients get a message, and then not for each', numbers };
    },
  },
  {
    id: 'redis-bus',
    place: 'Scaling with Redis Pub/Sub',
    said: 'Redis pub/sub acts as a message bus between servers',
    how: 'The same messages at the same moment to a server that is alone and to one of two over Redis: how much later each came to a client of the other one.',
    figures: ['redisAddedNs', 'redisLost'],
    judge: (taken) =>
      holdsIf(
        taken.high('redisLost') === 0,
        `${taken.high('redisLost')} lost; ${taken.spreadText('redisAddedNs')} later in the median`,
      ),
  },
];
