import { serverChannel } from '../channels.ts';
import { derivedRandom } from '../random.ts';
import { dueTimes } from '../schedule.ts';
import { OwnNumbers, PUBLISHER, type SaidMessage, type Script, type Sender } from '../script.ts';
import type { RoundsFeed } from './feed-schemas.ts';

/**
 * What is said in even steps by everybody in turn: where the cursor of each is, or how a game stands. Of the messages a share is the
 * publisher's, to one room after the other; the others are the clients', one after the other, to their rooms or to the server
 * alone. Who begins follows from the seed.
 */
interface RoundsOptions {
  readonly feed: RoundsFeed;
  readonly clients: number;
  readonly seed: number;
  readonly durationNs: number;
}

/** Stream number of who begins, apart from those of the other kinds of feeds (-2 to -11). */
const FIRST = -12;

export function planRounds({ feed, clients, seed, durationNs }: RoundsOptions): Script {
  const { publisherShare } = feed;
  const random = derivedRandom(seed, FIRST);
  const rooms = Math.ceil(clients / feed.roomSize);
  const turns = { rooms: Math.floor(random() * rooms), clients: Math.floor(random() * clients) };
  const numbers = new OwnNumbers();
  const messages = Array.from(dueTimes(feed, durationNs, seed), (offsetNs, index): SaidMessage => {
    // Spread evenly: as many by then as the share of all by then.
    const isPublishers = Math.floor((index + 1) * publisherShare) > Math.floor(index * publisherShare);
    const sender: Sender = isPublishers ? PUBLISHER : turns.clients++ % clients;
    const room = isPublishers ? turns.rooms++ % rooms : Math.floor(Number(sender) / feed.roomSize);
    const channel = isPublishers || feed.clientsSayTo === 'room' ? roomOf(room) : serverChannel(room);
    return { index, offsetNs, sender, channel, n: numbers.next(channel, sender) };
  });
  return { messages, typings: [], visits: [] };
}

export function roundsRoom({ roomSize }: RoundsFeed, client: number): string {
  return roomOf(Math.floor(client / roomSize));
}

function roomOf(room: number): string {
  return `room:${room}`;
}
