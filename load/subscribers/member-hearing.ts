import { userChannel } from '../../scenarios/feed/channels.ts';
import { type AddressedFeed, roomsOf } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { type Script, userName } from '../../scenarios/feed/script.ts';
import type { Payload } from '../../scenarios/feed/workload.ts';
import { type AuditCounts, mergeAudits } from './audit.ts';
import { ScriptExpectation } from './script-expectation.ts';
import type { Hearing } from './hearing.ts';
import { type LogNumbers, MemberAudit } from './member-audit.ts';
import type { Published, Spoken } from './spoken.ts';

interface Heard {
  readonly feed: AddressedFeed;
  readonly payload: Payload;
  readonly seed: number;
}

/** Of an addressed feed: each client is to get what is said in the channels that it follows, by the script. */
export class MemberHearing implements Hearing {
  readonly #feed: AddressedFeed;
  readonly #expectation: ScriptExpectation;
  readonly #audits = new Map<number, MemberAudit>();
  #published: Published | undefined;
  #numbers: LogNumbers = new Map();

  constructor(script: Script, heard: Heard) {
    this.#feed = heard.feed;
    this.#expectation = new ScriptExpectation(script, heard);
  }

  open(client: number): MemberAudit {
    const always = [...roomsOf(this.#feed, client), userChannel(userName(client))];
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
    if (published !== this.#published) {
      this.#published = published;
      this.#numbers = new Map(typeof published === 'number' ? publishersNumbers(published) : published);
    }
    return this.#numbers;
  }
}

/** Where a publisher is all that speaks, its messages are all that is numbered. */
function publishersNumbers(published: number): Spoken {
  return Array.from({ length: published }, (_, index) => [index, index + 1] as const);
}
