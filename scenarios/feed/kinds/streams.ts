import { NS_PER_SECOND } from '../../units.ts';
import { userChannel } from '../channels.ts';
import { derivedRandom } from '../random.ts';
import { OwnNumbers, PUBLISHER, type SaidMessage, type Script, type StreamPart, userName } from '../script.ts';
import type { StreamsFeed } from './feed-schemas.ts';

/**
 * Streams as a language model writes them: small messages one after the other, steadily, each stream for one client. Streams begin
 * at random (Poisson); clients have them in turn, in an order from the seed, so that none has two at once unless they are few.
 * One that has not ended with the feed is cut short.
 */
interface StreamsOptions {
  readonly feed: StreamsFeed;
  readonly clients: number;
  readonly seed: number;
  readonly durationNs: number;
}

interface PartAt extends StreamPart {
  readonly offsetNs: number;
}

/** Stream numbers of a seed, apart from those of the other kinds of feeds (-2 to -8). */
const STARTS = -9;
const ORDER = -10;
const CUTS = -11;

export function planStreams({ feed, clients, seed, durationNs }: StreamsOptions): Script {
  const order = shuffled(clients, seed);
  const isCut = cutsOf(feed, seed);
  const numbers = new OwnNumbers();
  const messages: SaidMessage[] = [];
  for (const { offsetNs, stream, place } of partsOfStreams(feed, seed)) {
    if (offsetNs >= durationNs) break;
    const channel = userChannel(userName(order[stream % clients] ?? 0));
    const cuts = place + 1 === feed.cut?.after && isCut(stream);
    const n = numbers.next(channel, PUBLISHER);
    messages.push({
      index: messages.length,
      offsetNs,
      sender: PUBLISHER,
      channel,
      n,
      part: { stream, place },
      ...(cuts && { cuts }),
    });
  }
  return { messages, typings: [], visits: [] };
}

/** The messages of all streams in the order in which they are due, without an end; of those due at one moment, the earlier stream's first. */
export function* partsOfStreams(feed: StreamsFeed, seed: number): Generator<PartAt, never> {
  const { messagesPerSecond, streamMessages, streamPerSecond } = feed;
  const starts = startsOf(messagesPerSecond / streamMessages, seed);
  let next = { stream: 0, startNs: starts.next().value };
  const open: { stream: number; startNs: number; place: number }[] = [];
  const dueNs = ({ startNs, place }: { startNs: number; place: number }): number =>
    startNs + Math.round((place * NS_PER_SECOND) / streamPerSecond);
  for (;;) {
    const first = open.reduce<(typeof open)[number] | undefined>(
      (best, one) => (best === undefined || dueNs(one) < dueNs(best) ? one : best),
      undefined,
    );
    if (first === undefined || next.startNs < dueNs(first)) {
      open.push({ ...next, place: 0 });
      next = { stream: next.stream + 1, startNs: starts.next().value };
      continue;
    }
    yield { offsetNs: dueNs(first), stream: first.stream, place: first.place };
    first.place += 1;
    if (first.place === streamMessages) open.splice(open.indexOf(first), 1);
  }
}

function* startsOf(streamsPerSecond: number, seed: number): Generator<number, never> {
  const random = derivedRandom(seed, STARTS);
  let elapsedSeconds = 0;
  for (;;) {
    elapsedSeconds -= Math.log(1 - random()) / streamsPerSecond;
    yield Math.round(elapsedSeconds * NS_PER_SECOND);
  }
}

/** Of every stream whether it is cut, whichever is asked for first. */
function cutsOf({ cut }: StreamsFeed, seed: number): (stream: number) => boolean {
  const first = Math.floor(derivedRandom(seed, CUTS)() * 2 ** 32);
  return (stream) => cut !== undefined && derivedRandom(first, stream)() < cut.share;
}

function shuffled(count: number, seed: number): number[] {
  const random = derivedRandom(seed, ORDER);
  return Array.from({ length: count }, (_, client) => ({ client, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ client }) => client);
}
