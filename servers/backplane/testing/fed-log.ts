import { randomUUID } from 'node:crypto';
import { monotonicNs } from '../../../scenarios/clock.ts';
import { PRESENCE_CHANNEL } from '../../../scenarios/feed/channels.ts';
import { encodeSaid, HeaderReader, type Origin, type Speaker } from '../../../scenarios/feed/message.ts';
import type { Signal } from '../../../scenarios/feed/signal.ts';
import { Log, type LogBounds } from '../../feed/log.ts';
import type { Conversation, Presence, PresenceChange, Said } from '../../hub/conversation.ts';
import { bodyOf } from '../../testing/test-subscriber.ts';
import { Witness } from '../../testing/test-witness.ts';
import type { Backplane, BackplaneOptions, OpenBackplane } from '../backplane.ts';

const BOUNDS: LogBounds = { messages: 10_000, bytes: 1e7 };

/** A message of the log, without its times. */
export interface LoggedMessage {
  readonly seq: number;
  readonly intact: boolean;
  readonly origin: Origin | undefined;
  readonly data: unknown;
}

/** A log fed by a real backplane, with all that was said of it. */
export class FedLog extends Witness implements AsyncDisposable {
  readonly log = new Log(BOUNDS);
  readonly messages: LoggedMessage[] = [];
  readonly notices: string[] = [];
  readonly signals: Signal[] = [];
  readonly health: { healthy: boolean; reason: string }[] = [];
  readonly isAlive = true;
  gapsFilled = 0;
  readonly #reader = new HeaderReader();
  #backplane: Backplane | undefined;

  async open(openBackplane: OpenBackplane, options: Partial<BackplaneOptions> = {}): Promise<this> {
    this.log.follow((entry) => this.#keep(entry));
    this.#backplane = await openBackplane(this.log, {
      feed: randomUUID(),
      redisUrl: 'redis://127.0.0.1:1',
      historyMessages: 100,
      heartbeatMs: 30_000,
      forgetOnClose: false,
      onHealth: (healthy, reason) => {
        this.health.push({ healthy, reason });
        this.changed();
      },
      onSignal: (signal) => {
        this.signals.push(signal);
        this.changed();
      },
      onGapFilled: (messages) => {
        this.gapsFilled += messages;
        this.changed();
      },
      ...options,
    });
    return this;
  }

  get healthy(): boolean {
    return this.health.at(-1)?.healthy ?? false;
  }

  get sequence(): number[] {
    return this.messages.map(({ seq }) => seq);
  }

  get conversation(): Conversation {
    const conversation = this.#open.conversation;
    if (conversation === undefined) throw new Error('nobody can talk over this backplane');
    return conversation;
  }

  get presence(): Presence {
    return this.conversation.presence;
  }

  /** Who came and who left, in order. */
  get changes(): PresenceChange[] {
    return this.messages
      .filter(({ origin }) => origin?.channel === PRESENCE_CHANNEL)
      .map(({ data }) => data as PresenceChange);
  }

  async append(data: unknown): Promise<number> {
    return this.#open.append(bodyOf(data));
  }

  async say(origin: Origin, data: unknown = origin.n): Promise<Said> {
    const nowNs = monotonicNs();
    const content = { dueNs: nowNs, publishedNs: nowNs, data: JSON.stringify(data) };
    return this.conversation.say(origin, encodeSaid(origin, content));
  }

  /** Without a number of its own. */
  async sayNext(speaker: Speaker, data: unknown): Promise<number> {
    const nowNs = monotonicNs();
    return this.conversation.sayNext(speaker, { dueNs: nowNs, publishedNs: nowNs, data: JSON.stringify(data) });
  }

  async untilSeq(seq: number): Promise<void> {
    await this.until(({ log }) => log.latest >= seq);
  }

  async close(): Promise<void> {
    await this.#backplane?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #open(): Backplane {
    if (this.#backplane === undefined) throw new Error('not open');
    return this.#backplane;
  }

  #keep(entry: Buffer): void {
    const reader = this.#reader;
    if (reader.read(entry)) {
      const { seq, intact } = reader;
      const data: unknown = JSON.parse(reader.data().toString());
      this.messages.push({ seq, intact, origin: reader.origin(), data });
    } else this.notices.push(entry.toString());
    this.changed();
  }
}

/** What a promise that should reject rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}
