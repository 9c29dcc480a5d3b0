import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { encodeBody, type MessageHeader, type Notice } from '../../scenarios/feed/message.ts';
import type { Answer, Signal } from '../../scenarios/feed/signal.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { endInWords, type SessionEnd } from '../../scenarios/session-end.ts';
import { headerProfile, TRANSPORTS, type TransportId } from '../registry.ts';
import { Witness } from './test-witness.ts';
import type { Session, SessionCommand, SessionEvents, SessionMember, SessionOptions } from '../transport.ts';

export type Told =
  | { readonly kind: 'message'; readonly seq: number; readonly intact: boolean; readonly bytes: number }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'foreign' };

/** What somebody said in a channel. */
export interface Heard {
  readonly seq: number;
  readonly channel: string;
  readonly from: string;
  readonly n: number;
  readonly data: unknown;
}

/** A subscriber for tests: keeps all that it is told, in order. */
export class TestSubscriber extends Witness implements SessionEvents {
  readonly told: Told[] = [];
  readonly answers: number[] = [];
  readonly signals: Signal[] = [];
  readonly heard: Heard[] = [];
  openings = 0;
  /** Came before it was told that it is there. */
  early = 0;
  reopenings = 0;
  end: SessionEnd | undefined;
  session: Session | undefined;

  opened(): void {
    this.openings += 1;
    this.changed();
  }

  message(header: MessageHeader, bytes: number): void {
    const { seq, intact } = header;
    if (this.openings === 0) this.early += 1;
    this.told.push({ kind: 'message', seq, intact, bytes });
    const origin = header.origin();
    if (intact && origin !== undefined)
      this.heard.push({ seq, ...origin, data: JSON.parse(header.data().toString()) as unknown });
    this.changed();
  }

  notice(notice: Notice): void {
    this.told.push({ kind: 'notice', notice });
    this.changed();
  }

  signal(signal: Signal): void {
    this.signals.push(signal);
    this.changed();
  }

  foreign(): void {
    this.told.push({ kind: 'foreign' });
    this.changed();
  }

  answered(messages: number): void {
    this.answers.push(messages);
    this.changed();
  }

  reopened(): void {
    this.reopenings += 1;
    this.changed();
  }

  lost(end: SessionEnd): void {
    if (this.end !== undefined) throw new Error(`lost twice: ${endInWords(this.end)}, then ${endInWords(end)}`);
    this.end = end;
    this.changed();
  }

  get lostReason(): string | undefined {
    return this.end === undefined ? undefined : endInWords(this.end);
  }

  get sequence(): number[] {
    return this.told.flatMap((one) => (one.kind === 'message' ? [one.seq] : []));
  }

  get notices(): Notice[] {
    return this.told.flatMap((one) => (one.kind === 'notice' ? [one.notice] : []));
  }

  get intact(): boolean {
    return this.told.every((one) => one.kind !== 'foreign' && (one.kind !== 'message' || one.intact));
  }

  /** What came in a channel, in the order of the telling. */
  in(channel: string): unknown[] {
    return this.heard.flatMap((one) => (one.channel === channel ? [one.data] : []));
  }

  async untilIn(channel: string, count: number): Promise<void> {
    await this.until(() => this.in(channel).length >= count);
  }

  /** Resolves with the answer. */
  async say(command: SessionCommand): Promise<Answer> {
    const { session } = this;
    if (session === undefined) throw new Error('it has not begun');
    const { promise, resolve } = Promise.withResolvers<Answer>();
    session.say(command, resolve);
    return promise;
  }

  async untilSeq(seq: number): Promise<void> {
    await this.until(({ told }) => told.some((one) => one.kind === 'message' && one.seq >= seq));
  }

  close(): void {
    this.session?.close();
  }
}

interface Place {
  readonly transport: TransportId;
  readonly port: number;
  readonly position?: SessionOptions['position'];
  readonly pollIntervalMs?: number;
  readonly values?: DimensionValues;
  readonly member?: SessionMember;
  readonly authority?: string | undefined;
}

/** The real client half over real TCP; resolves when it has confirmed, or ended. */
export async function subscribe(place: Place): Promise<TestSubscriber> {
  const { transport, port, position, pollIntervalMs = 10, values = {}, member, authority } = place;
  const { openSession } = await TRANSPORTS[transport].client();
  const subscriber = new TestSubscriber();
  const poll = { originNs: monotonicNs(), intervalNs: pollIntervalMs * 1e6 };
  const headers = headerProfile(values.headers, authority !== undefined);
  const server = { host: '127.0.0.1', port, authority };
  const options = { ...server, position: position ?? { kind: 'oldest' }, values, headers, poll } as const;
  subscriber.session = openSession({ ...options, ...(member !== undefined && { member }) }, subscriber);
  await subscriber.until(({ openings, lostReason }) => openings > 0 || lostReason !== undefined);
  return subscriber;
}

export function bodyOf(data: unknown): string {
  const nowNs = monotonicNs();
  return encodeBody(nowNs, nowNs, JSON.stringify(data));
}

export function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
