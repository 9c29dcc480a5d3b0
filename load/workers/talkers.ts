import { type Conversation, planConversation } from '../../scenarios/feed/conversation.ts';
import type { ConversationFeed } from '../../scenarios/feed/workload.ts';
import type { Recorder, TimeBins } from '../../scenarios/measures/recording.ts';
import type { AuditCounts } from '../subscribers/audit.ts';
import { ConversationHearing } from '../subscribers/conversation-hearing.ts';
import type { Spoken } from '../subscribers/spoken.ts';
import { type Subscriber, Subscribers } from './subscribers.ts';
import { type Speaker, Talk } from './talk.ts';
import type { WorkerOptions } from './worker-messages.ts';

/** What all processes know of a conversation before it begins. */
export interface TalkersOptions extends WorkerOptions {
  readonly conversation: { readonly feed: ConversationFeed; readonly clients: number };
}

/** Undefined where clients only listen. */
export function talkersOptions(options: WorkerOptions): TalkersOptions | undefined {
  const { feed, clients } = options.feed;
  if (feed.kind !== 'conversation') return undefined;
  if (clients === undefined) throw new TypeError('a conversation is one of so many clients');
  return { ...options, conversation: { feed, clients } };
}

/** The clients of one process that take part in a conversation: what they hear is held against the schedule, as what they say follows from it. */
export class Talkers {
  readonly subscribers: Subscribers;
  readonly #options: TalkersOptions;
  readonly #conversation: Conversation;
  readonly #hearing: ConversationHearing;
  #talk: Talk | undefined;

  constructor(options: TalkersOptions) {
    const { payload, seed, durationNs } = options.feed;
    this.#options = options;
    this.#conversation = planConversation({ ...options.conversation, seed, durationNs });
    this.#hearing = new ConversationHearing(this.#conversation, { feed: options.conversation.feed, payload, seed });
    this.subscribers = new Subscribers(options, this.#hearing);
  }

  /** Begins; resolves when all has been said, and answered as far as it will be. */
  async hold(recorder: Recorder, { originNs }: TimeBins): Promise<void> {
    const { payload, seed } = this.#options.feed;
    const speakers = new Map(this.subscribers.all.map((one) => [one.client, this.#speakerOf(one)]));
    this.#talk = new Talk({ conversation: this.#conversation, payload, seed, speakers });
    await this.#talk.hold({ originNs, recorder, advance: (nowNs) => this.subscribers.endBins(nowNs) });
  }

  stop(): void {
    this.#talk?.stop();
  }

  get spoken(): Spoken {
    return this.#talk?.spoken ?? [];
  }

  /** Those whose sessions ended, and do not come back. */
  get lost(): number[] {
    return this.subscribers.all.filter(({ fate }) => fate.isOver).map(({ client }) => client);
  }

  /** Beside what was heard. */
  get counts(): Pick<AuditCounts, 'unanswered' | 'refused'> {
    return this.#talk?.counts ?? { unanswered: 0, refused: 0 };
  }

  get refusal(): string | undefined {
    return this.#talk?.refusal;
  }

  /** What one of them shows of itself, where servers want to know. */
  get token(): string | undefined {
    return this.#options.sessions[0]?.member?.token;
  }

  #speakerOf(subscriber: Subscriber): Speaker {
    return {
      session: subscriber.session,
      audit: this.#hearing.of(subscriber.client),
      get isLost() {
        return subscriber.fate.isOver;
      },
    };
  }
}
