import { type AddressedFeed, isAddressed, isSaidByClients, scriptOf } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { clientsPayload } from '../../scenarios/feed/kinds/said-data.ts';
import type { Script } from '../../scenarios/feed/script.ts';
import type { Recorder, TimeBins } from '../../scenarios/measures/recording.ts';
import type { AuditCounts } from '../subscribers/audit.ts';
import { MemberHearing } from '../subscribers/member-hearing.ts';
import type { Spoken } from '../subscribers/spoken.ts';
import { type Subscriber, Subscribers } from './subscribers.ts';
import { type Speaker, Talk, type Talked } from './talk.ts';
import type { WorkerOptions } from './worker-messages.ts';

/** What all processes know of a feed whose messages are addressed before it begins. */
export interface ScriptedOptions extends WorkerOptions {
  readonly script: Script;
  readonly addressed: AddressedFeed;
}

/** Undefined where every message is for all. */
export function scriptedOptions(options: WorkerOptions): ScriptedOptions | undefined {
  const { feed, clients, seed, durationNs } = options.feed;
  if (!isAddressed(feed)) return undefined;
  if (clients === undefined) throw new TypeError('an addressed feed is one for so many clients');
  return { ...options, addressed: feed, script: scriptOf({ feed, clients, seed, durationNs }) };
}

/** Holds what each of them hears against the script. */
export function hearingOf({
  script,
  addressed,
  feed: { payload, seed, replacedWithinNs },
}: ScriptedOptions): MemberHearing {
  return new MemberHearing(script, { feed: addressed, payload, seed, replacedWithinNs });
}

/** Undefined where clients only listen. */
export function talkersOf(scripted: ScriptedOptions): Talkers | undefined {
  return isSaidByClients(scripted.addressed) ? new Talkers(scripted) : undefined;
}

/** The clients of one process that take part in a conversation: what they hear is held against the schedule, as what they say follows from it. */
export class Talkers {
  readonly subscribers: Subscribers;
  readonly #options: ScriptedOptions;
  readonly #hearing: MemberHearing;
  #talk: Talk | undefined;

  constructor(options: ScriptedOptions) {
    this.#options = options;
    this.#hearing = hearingOf(options);
    this.subscribers = new Subscribers(options, this.#hearing);
  }

  /** Begins; resolves when all has been said, and answered as far as it will be. */
  async hold(recorder: Recorder, { originNs }: TimeBins, waited: Talked['waited']): Promise<void> {
    const { script, feed } = this.#options;
    const { seed } = feed;
    const speakers = new Map(this.subscribers.all.map((one) => [one.client, this.#speakerOf(one)]));
    const talk = new Talk({ script, payload: clientsPayload(feed), seed, speakers });
    this.#talk = talk;
    this.subscribers.onHeard((nowNs) => talk.interject(nowNs));
    await talk.hold({ originNs, recorder, advance: (nowNs) => this.subscribers.endBins(nowNs), waited });
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
