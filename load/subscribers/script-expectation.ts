import { crc32 } from 'node:zlib';
import type { MessageHeader } from '../../scenarios/feed/message.ts';
import { saidData } from '../../scenarios/feed/kinds/said-data.ts';
import { type SaidMessage, type Script, senderName, streamKey } from '../../scenarios/feed/script.ts';
import type { PlannedFeed } from '../../scenarios/feed/schedule.ts';

/** All that one sender says in one channel, in order: message n is the n-th. */
export interface Stream {
  readonly channel: string;
  readonly messages: readonly SaidMessage[];
}

interface Found {
  readonly stream: Stream;
  readonly n: number;
}

/**
 * What is said in an addressed feed, known from its script alone: who says what where, as which of theirs there, and when it is
 * due. As in a feed that all listen to, the first client that gets a message has its data looked at, the others its whole
 * checksum.
 */
export class ScriptExpectation {
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #byChannel: ReadonlyMap<string, readonly Stream[]>;
  readonly #dataCrcs: Uint32Array;
  /** Of each message the checksum of a whole body that was found to hold the right data; 0 before. */
  readonly #rightCrcs: Uint32Array;
  #originNs = Number.POSITIVE_INFINITY;

  constructor({ messages }: Script, planned: Pick<PlannedFeed, 'feed' | 'payload' | 'seed'>) {
    const grouped = Map.groupBy(messages, ({ channel, sender }) => streamKey(channel, senderName(sender)));
    const streams = [...grouped].map(([key, own]): [string, Stream] => [
      key,
      { channel: own[0]?.channel ?? '', messages: own },
    ]);
    this.#streams = new Map(streams);
    this.#byChannel = Map.groupBy(this.#streams.values(), ({ channel }) => channel);
    this.#dataCrcs = Uint32Array.from(messages, (message) => crc32(saidData(planned, message)));
    this.#rightCrcs = new Uint32Array(messages.length);
  }

  begin(originNs: number): void {
    this.#originNs = originNs;
  }

  /** Everything that is said in a channel, by sender. */
  streamsIn(channel: string): readonly Stream[] {
    return this.#byChannel.get(channel) ?? [];
  }

  /** How many of a stream are due by then. */
  dueIn({ messages }: Stream, atNs: number): number {
    return messages.findLast(({ offsetNs }) => this.#originNs + offsetNs <= atNs)?.n ?? 0;
  }

  /** What an intact message is; undefined where nothing like it is in the script. */
  find(header: MessageHeader): Found | undefined {
    const claimed = this.claimed(header);
    const message = claimed?.stream.messages[claimed.n - 1];
    if (message === undefined || header.dueNs !== this.#originNs + message.offsetNs) return undefined;
    return this.#dataFits(header, message.index) ? claimed : undefined;
  }

  /** What a message says that it is. */
  claimed(header: MessageHeader): Found | undefined {
    const origin = header.origin();
    if (origin === undefined) return undefined;
    const stream = this.#streams.get(streamKey(origin.channel, origin.from));
    return stream === undefined ? undefined : { stream, n: origin.n };
  }

  #dataFits(header: MessageHeader, index: number): boolean {
    if (header.crc === this.#rightCrcs[index]) return true;
    if (header.dataCrc() !== this.#dataCrcs[index]) return false;
    this.#rightCrcs[index] = header.crc;
    return true;
  }
}
