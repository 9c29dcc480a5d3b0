import { isAddressed, scriptOf } from './feed-kinds.ts';
import { encodeBody, encodeSaid } from '../message.ts';
import { payloadData } from '../payload.ts';
import { dueTimes, type PlannedFeed } from '../schedule.ts';
import { messageText, PUBLISHER } from '../script.ts';
import { saidData } from './said-data.ts';

/** What a publisher is to hand in. */
interface PublishedMessage {
  readonly offsetNs: number;
  /** As the schedule's hash takes it. */
  readonly text: string;
  /** What a node appends. */
  readonly bodyOf: (dueNs: number, publishedNs: number) => string;
}

/** One by one: a feed can be longer than memory, and one that is addressed is known whole in any case. */
export function publishedMessages(planned: PlannedFeed): Generator<PublishedMessage, undefined> {
  return isAddressed(planned.feed) ? addressedMessages(planned) : messagesToAll(planned);
}

function* messagesToAll({ feed, payload, seed, durationNs }: PlannedFeed): Generator<PublishedMessage, undefined> {
  let index = 0;
  for (const offsetNs of dueTimes(feed, durationNs, seed)) {
    const data = payloadData(payload, seed, index);
    yield { offsetNs, text: data, bodyOf: (dueNs, publishedNs) => encodeBody(dueNs, publishedNs, data) };
    index += 1;
  }
}

function* addressedMessages(planned: PlannedFeed): Generator<PublishedMessage, undefined> {
  const { feed, seed, durationNs, clients = 1 } = planned;
  if (!isAddressed(feed)) throw new TypeError(`a feed of the kind ${feed.kind} goes to all`);
  for (const message of scriptOf({ feed, clients, seed, durationNs }).messages) {
    if (message.sender !== PUBLISHER) continue;
    const data = saidData(planned, message);
    const { offsetNs, channel, n } = message;
    const origin = { channel, from: PUBLISHER, n };
    yield {
      offsetNs,
      text: messageText(message, data),
      bodyOf: (dueNs, publishedNs) => encodeSaid(origin, { dueNs, publishedNs, data }),
    };
  }
}
