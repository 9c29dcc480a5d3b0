import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { encodeBody, type Notice } from '../../scenarios/feed/message.ts';
import type { Signal } from '../../scenarios/feed/signal.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { endInWords, type SessionEnd } from '../../scenarios/session-end.ts';
import { headerProfile, TRANSPORTS, type TransportId } from '../registry.ts';
import { Witness } from './test-witness.ts';
import type { Session, SessionEvents, SessionOptions } from '../transport.ts';

export type Told =
  | { readonly kind: 'message'; readonly seq: number; readonly intact: boolean; readonly bytes: number }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'foreign' };

/** A subscriber for tests: keeps all that it is told, in order. */
export class TestSubscriber extends Witness implements SessionEvents {
  readonly told: Told[] = [];
  readonly answers: number[] = [];
  readonly signals: Signal[] = [];
  openings = 0;
  reopenings = 0;
  end: SessionEnd | undefined;
  session: Session | undefined;

  opened(): void {
    this.openings += 1;
    this.changed();
  }

  message(header: { seq: number; intact: boolean }, bytes: number): void {
    this.told.push({ kind: 'message', seq: header.seq, intact: header.intact, bytes });
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
}

/** The real client half over real TCP; resolves when it has confirmed, or ended. */
export async function subscribe(place: Place): Promise<TestSubscriber> {
  const { transport, port, position, pollIntervalMs = 10, values = {} } = place;
  const { openSession } = await TRANSPORTS[transport].client();
  const subscriber = new TestSubscriber();
  const poll = { originNs: monotonicNs(), intervalNs: pollIntervalMs * 1e6 };
  const headers = headerProfile(values.headers);
  subscriber.session = openSession(
    { host: '127.0.0.1', port, position: position ?? { kind: 'oldest' }, values, headers, poll },
    subscriber,
  );
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
