import type { Recorder } from '../../scenarios/measures/recording.ts';
import { type CountedEnd, mergeEnds } from '../../scenarios/session-end.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { type AuditCounts, mergeAudits, SubscriberAudit } from '../subscribers/audit.ts';
import { DueTimes } from '../subscribers/due-times.ts';
import type { Expected } from '../subscribers/expectation.ts';
import { recordDelivery } from '../subscribers/record-delivery.ts';
import { type Replacements, replacementsIn } from '../subscribers/replacements.ts';
import { ANSWER_FIGURES, type Line, MESSAGE_FIGURES } from './lines.ts';

interface Client {
  readonly audit: SubscriberAudit;
  state: 'connecting' | 'open' | 'ended' | 'left';
}

interface ToldFeed {
  /** Of the host on which k6 runs: its wall clock minus the monotonic one that the publisher has. */
  readonly wallOffsetMs: number;
  readonly feed: Expected;
  /** The number in the log after which the feed begins; absent: 0. */
  readonly before?: number;
  /** How far off `wallOffsetMs` may be: what comes by so much before it was published came at once. Absent: 0. */
  readonly clockBoundNs?: number;
}

/** The subscribers of one k6 process, as its lines tell of them: the audit of each, and one recorder for all. */
export class ToldClients {
  readonly #ends: CountedEnd[] = [];
  #foreign: string | null = null;
  readonly #clients: ReadonlyMap<number, Client>;
  readonly #wallOffsetMs: number;
  readonly #dueTimes: DueTimes;
  readonly #replacements: Replacements | undefined;
  readonly #changed: () => void;
  readonly #before: number;
  readonly #clockBoundNs: number;
  #recorder: Recorder | undefined;

  /** `changed` is called after each line. */
  constructor(
    clients: readonly number[],
    { wallOffsetMs, feed, before = 0, clockBoundNs = 0 }: ToldFeed,
    changed: () => void,
  ) {
    this.#clients = new Map(clients.map((client) => [client, { audit: new SubscriberAudit(), state: 'connecting' }]));
    this.#wallOffsetMs = wallOffsetMs;
    this.#before = before;
    this.#clockBoundNs = clockBoundNs;
    this.#dueTimes = new DueTimes(feed);
    this.#replacements = replacementsIn(feed);
    this.#changed = changed;
  }

  /** How sessions ended by themselves. */
  get ends(): readonly CountedEnd[] {
    return mergeEnds(this.#ends);
  }

  /** The first thing that was neither a message nor a notice, in words. */
  get foreign(): string | null {
    return this.#foreign;
  }

  get open(): number {
    return [...this.#clients.values()].filter(({ state }) => state === 'open').length;
  }

  get allOpen(): boolean {
    return this.open === this.#clients.size;
  }

  /** Who did not tell its end. */
  get unfinished(): number {
    return [...this.#clients.values()].filter(({ state }) => state === 'connecting' || state === 'open').length;
  }

  allHave(seq: number): boolean {
    return this.#clients.values().every(({ audit }) => audit.latest >= seq);
  }

  /** A script of k6 computes no checksums, which would cost more than all the rest: it tells numbers and times. */
  audit(published: number): AuditCounts {
    const audits = [...this.#clients.values()].map(({ audit }) => audit.counts(published, this.#replacements));
    return { ...mergeAudits(audits), corrupted: null };
  }

  /** The feed begins at `originNs`. */
  record(recorder: Recorder, originNs: number): void {
    this.#recorder = recorder;
    this.#dueTimes.begin(originNs);
  }

  take(line: Line): void {
    const client = this.#clients.get(line.client);
    if (client === undefined) throw new RangeError(`k6 tells of client ${line.client}, which is not there`);
    this.#takeOf(client, line);
    this.#changed();
  }

  #takeOf(client: Client, line: Line): void {
    switch (line.kind) {
      case 'opened':
        client.state = 'open';
        return;
      case 'seen':
        this.#takeMessages(client.audit, line.messages);
        this.#takeAnswers(line.answers);
        return;
      case 'notice':
        if (line.notice.notice === 'gap')
          client.audit.gap(line.notice.from - this.#before, line.notice.to - this.#before);
        else client.audit.foreign();
        return;
      case 'foreign':
        client.audit.foreign();
        this.#foreign ??= line.words;
        return;
      case 'ended':
        client.state = 'ended';
        this.#ends.push({ end: line.end, count: 1 });
        this.#recorder?.count('unexpectedCloses', 1, this.#monotonicNs(line.atMs));
        return;
      case 'left':
        client.state = 'left';
        return;
      default:
        line satisfies never;
    }
  }

  #takeMessages(audit: SubscriberAudit, figures: readonly number[]): void {
    for (let at = 0; at < figures.length; at += MESSAGE_FIGURES) {
      const told = figures.slice(at, at + MESSAGE_FIGURES);
      const [number = 0, dueNs = 0, publishedNs = 0, payloadBytes = 0, receivedMs = 0] = told;
      const seq = number - this.#before;
      const arrival = this.#dueTimes.fit(seq, dueNs) ? 'right' : 'misplaced';
      audit.message(seq, arrival);
      if (this.#recorder === undefined) continue;
      const seenNs = this.#monotonicNs(receivedMs);
      const receivedNs = publishedNs - seenNs <= this.#clockBoundNs ? Math.max(seenNs, publishedNs) : seenNs;
      recordDelivery(this.#recorder, { arrival, dueNs, publishedNs, payloadBytes, receivedNs });
    }
  }

  #takeAnswers(figures: readonly number[]): void {
    for (let at = 0; at < figures.length; at += ANSWER_FIGURES) {
      const [messages = 0, receivedMs = 0] = figures.slice(at, at + ANSWER_FIGURES);
      const receivedNs = this.#monotonicNs(receivedMs);
      this.#recorder?.count('answers', 1, receivedNs);
      if (messages === 0) this.#recorder?.count('emptyAnswers', 1, receivedNs);
    }
  }

  #monotonicNs(wallMs: number): number {
    return Math.round((wallMs - this.#wallOffsetMs) * NS_PER_MS);
  }
}
