import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { isAddressed, scriptOf } from './kinds/feed-kinds.ts';
import { publishedMessages } from './kinds/published-messages.ts';
import { saidData } from './kinds/said-data.ts';
import type { PlannedFeed } from './schedule.ts';
import { messageText, type Visit } from './script.ts';

/**
 * SHA-256 over every due time and every payload: equal hashes are the same feed. Taken message by message, as the feed
 * is made or published; of an addressed feed with who says each where, and who visits which room. Apart from the schedule,
 * which needs no Node.
 */
export class ScheduleHash {
  readonly #hash = createHash('sha256');

  add(offsetNs: number, data: string): void {
    this.#hash.update(`${offsetNs} ${data}\n`);
  }

  /** Ends it. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Signals are heard this often. */
const WORK_MS = 20;

/** The hash of a whole feed, which may take a while; undefined where it is stopped. */
export async function hashFeed(planned: PlannedFeed, stop?: AbortSignal): Promise<string | undefined> {
  const hash = new ScheduleHash();
  let pausedMs = performance.now();
  for (const { offsetNs, text } of isAddressed(planned.feed) ? scriptTexts(planned) : publishedMessages(planned)) {
    hash.add(offsetNs, text);
    if (performance.now() - pausedMs < WORK_MS) continue;
    await setImmediate();
    if (stop?.aborted === true) return undefined;
    pausedMs = performance.now();
  }
  return hash.digest();
}

interface TextAt {
  readonly offsetNs: number;
  readonly text: string;
}

/** Of the messages that `isSaid` names; absent: all of them. */
export function* scriptTexts(planned: PlannedFeed, isSaid: (index: number) => boolean = () => true): Generator<TextAt> {
  const { feed, durationNs, seed, clients = 1 } = planned;
  if (!isAddressed(feed)) throw new TypeError(`a feed of the kind ${feed.kind} goes to all`);
  const { messages, visits } = scriptOf({ feed, clients, seed, durationNs });
  for (const message of messages) {
    if (isSaid(message.index))
      yield { offsetNs: message.offsetNs, text: messageText(message, saidData(planned, message)) };
  }
  for (const visit of visits) yield { offsetNs: visit.joinNs, text: visitText(visit) };
}

function visitText({ client, channel, leaveNs }: Visit): string {
  return `${client} ${channel} ${leaveNs ?? 'to the end'}`;
}
