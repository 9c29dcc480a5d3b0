import { userChannel } from '../../scenarios/feed/channels.ts';
import { type Conversation, homeRoom, userName } from '../../scenarios/feed/conversation.ts';
import type { ConversationFeed, Payload } from '../../scenarios/feed/workload.ts';
import { type AuditCounts, mergeAudits } from './audit.ts';
import { ConversationExpectation } from './conversation-expectation.ts';
import type { Hearing } from './hearing.ts';
import { type LogNumbers, MemberAudit } from './member-audit.ts';
import type { Published, Spoken } from './spoken.ts';

interface Heard {
  readonly feed: ConversationFeed;
  readonly payload: Payload;
  readonly seed: number;
}

/** Of a conversation: each client is to get what is said in the channels that it follows, by the schedule. */
export class ConversationHearing implements Hearing {
  readonly #feed: ConversationFeed;
  readonly #expectation: ConversationExpectation;
  readonly #audits = new Map<number, MemberAudit>();
  #spoken: Spoken | undefined;
  #numbers: LogNumbers = new Map();

  constructor(conversation: Conversation, heard: Heard) {
    this.#feed = heard.feed;
    this.#expectation = new ConversationExpectation(conversation, heard);
  }

  open(client: number): MemberAudit {
    const always = [homeRoom(this.#feed, client), userChannel(userName(client))];
    const audit = new MemberAudit(this.#expectation, always, (published) => this.#numbersOf(published));
    this.#audits.set(client, audit);
    return audit;
  }

  /** Of a client that was opened. */
  of(client: number): MemberAudit {
    const audit = this.#audits.get(client);
    if (audit === undefined) throw new RangeError(`client ${client} is not of this process`);
    return audit;
  }

  begin(originNs: number): void {
    this.#expectation.begin(originNs);
  }

  audit(published: Published): AuditCounts {
    return mergeAudits([...this.#audits.values()].map((audit) => audit.counts(published)));
  }

  /** They are the same for all clients. */
  #numbersOf(published: Published): LogNumbers {
    if (typeof published === 'number') throw new TypeError('of a conversation it is to be told what was said');
    if (published !== this.#spoken) {
      this.#spoken = published;
      this.#numbers = new Map(published);
    }
    return this.#numbers;
  }
}
