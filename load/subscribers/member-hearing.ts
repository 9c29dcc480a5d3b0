import { keepsAll, userChannel } from '../../scenarios/feed/channels.ts';
import { type AddressedFeed, roomsOf } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { type Script, userName } from '../../scenarios/feed/script.ts';
import type { Payload } from '../../scenarios/feed/workload.ts';
import { type AuditCounts, type LossRule, mergeAudits } from './audit.ts';
import { Replacements } from './replacements.ts';
import { ScriptExpectation, type Stream } from './script-expectation.ts';
import type { Hearing } from './hearing.ts';
import { type LogNumbers, MemberAudit } from './member-audit.ts';
import type { Published, Spoken } from './spoken.ts';

interface Heard {
  readonly feed: AddressedFeed;
  readonly payload: Payload;
  readonly seed: number;
  /** Where the newest of each sender is to come, and may take the place of those before it: how much later it may be due. */
  readonly replacedWithinNs?: number | undefined;
}

/** Of an addressed feed: each client is to get what is said in the channels that it follows, by the script. */
export class MemberHearing implements Hearing {
  readonly #feed: AddressedFeed;
  readonly #expectation: ScriptExpectation;
  readonly #replacedWithinNs: number | undefined;
  readonly #rules = new Map<Stream, LossRule>();
  readonly #audits = new Map<number, MemberAudit>();
  #published: Published | undefined;
  #numbers: LogNumbers = new Map();

  constructor(script: Script, heard: Heard) {
    this.#feed = heard.feed;
    this.#replacedWithinNs = heard.replacedWithinNs;
    this.#expectation = new ScriptExpectation(script, heard);
  }

  open(client: number): MemberAudit {
    const always = [...roomsOf(this.#feed, client), userChannel(userName(client))];
    const audit = new MemberAudit({
      expectation: this.#expectation,
      always,
      numbersOf: (published) => this.#numbersOf(published),
      ruleOf: (stream) => this.#ruleOf(stream),
    });
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

  /** The same for all clients, too. */
  #ruleOf(stream: Stream): LossRule | undefined {
    const withinNs = this.#replacedWithinNs;
    if (withinNs === undefined || keepsAll(stream.channel)) return undefined;
    const known = this.#rules.get(stream) ?? Replacements.inStream(stream.messages, withinNs);
    this.#rules.set(stream, known);
    return known;
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
