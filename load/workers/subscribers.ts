import { type Grid, hiddenNs } from '../../scenarios/asking/rhythm.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { isOfSenders } from '../../scenarios/feed/conflation.ts';
import { Failure } from '../../scenarios/failures.ts';
import type { CounterId } from '../../scenarios/measures/metrics.ts';
import type { Recorder, TimeBins } from '../../scenarios/measures/recording.ts';
import { foreignInWords } from '../../scenarios/printable.ts';
import { type CountedEnd, endInWords, mergeEnds, type SessionEnd } from '../../scenarios/session-end.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { isBalanced } from '../../scenarios/variant.ts';
import { headerProfile, type TransportId } from '../../servers/registry.ts';
import { Handshakes } from '../../scenarios/tls/handshakes.ts';
import type { HeaderProfile, OpenSession, Session, SessionEvents } from '../../servers/transport.ts';
import type { Target } from '../generator.ts';
import { type Absence, Absences, type ClientAbsences } from '../subscribers/absences.ts';
import type { AuditCounts } from '../subscribers/audit.ts';
import { comebackPolicy, comebackRandom, turnOfTargets } from './comeback.ts';
import { FeedHearing, type Hearing, type Listener } from '../subscribers/hearing.ts';
import { withSession } from './session-cookie.ts';
import { openLasting } from './lasting-session.ts';
import { recordDelivery } from '../subscribers/record-delivery.ts';
import { ShownValues } from '../subscribers/pace/shown-values.ts';
import { StreamPace } from '../subscribers/pace/stream-pace.ts';
import type { Published } from '../subscribers/spoken.ts';
import type { WorkerOptions } from './worker-messages.ts';

/** How many connects may be under way at once: enough to be quick, few enough for any listen backlog. */
const CONNECTING_AT_ONCE = 64;
/** Enough to know by what a stranger sent. */
const MOST_FOREIGN_BYTES = 80;

export interface Subscriber {
  /** Its number over all processes. */
  readonly client: number;
  readonly listener: Listener;
  readonly session: Session;
  readonly fate: Fate;
}

/** What became of one session. */
interface Fate {
  isOpen: boolean;
  /** It has ended, and does not come back. */
  isOver: boolean;
  /** Who is back has caught up when it has what was due by then, as its listener tells it. */
  behindUntil: number;
  readonly absences: ClientAbsences;
  /** Where it began. */
  readonly home: Target;
}

/** Who hears what comes in a session, and what becomes of it. */
interface Heard extends Pick<Subscriber, 'listener' | 'fate'> {
  /** Whether the client said who it is. */
  readonly isNamed: boolean;
  /** By what it polls, where its tab is hidden at times. */
  readonly tab: Grid | undefined;
  /** Cuts its connection. */
  readonly cut: () => void;
}

interface RampEvents {
  readonly opened: () => void;
  readonly lost: (end: SessionEnd) => void;
}

/** The sessions of one worker, with who hears each, and the recorder into which all of them report. */
export class Subscribers {
  readonly #options: WorkerOptions;
  readonly #hearing: Hearing;
  readonly #subscribers: Subscriber[] = [];
  readonly #ends: CountedEnd[] = [];
  readonly #absences = new Absences();
  /** Of each client that speaks TLS. */
  readonly #handshakes: Handshakes[] = [];
  #foreign: string | null = null;
  #recorder: Recorder | undefined;
  #bins: TimeBins | undefined;
  #onHeard: ((nowNs: number) => void) | undefined;
  /** When the bin at hand ends. */
  #edgeNs = Number.POSITIVE_INFINITY;
  #open = 0;
  #bytesRead = 0;
  #bytesWritten = 0;
  #fullHandshakes = 0;
  #resumedHandshakes = 0;

  /** `hearing` holds what comes against what is to come; undefined: of a feed that all listen to. */
  constructor(options: WorkerOptions, hearing: Hearing = new FeedHearing(options.feed)) {
    this.#options = options;
    this.#hearing = hearing;
  }

  get all(): readonly Subscriber[] {
    return this.#subscribers;
  }

  /** How sessions ended by themselves. */
  get ends(): readonly CountedEnd[] {
    return mergeEnds(this.#ends);
  }

  /** When clients were away that come back. */
  get absences(): readonly Absence[] {
    return this.#absences.all;
  }

  /** The first thing that was neither a message nor a notice, in words. */
  get foreign(): string | null {
    return this.#foreign;
  }

  /** Opens all sessions; resolves when each has confirmed, rejects with the first reason why one could not. */
  async ramp(findSession: (transport: TransportId, options: WorkerOptions) => Promise<OpenSession>): Promise<void> {
    const openSession = await findSession(this.#options.transport, this.#options);
    let next = 0;
    const lanes = Array.from({ length: CONNECTING_AT_ONCE }, async () => {
      for (let index = next++; index < this.#options.sessions.length; index = next++)
        await this.#open1(openSession, index);
    });
    await Promise.all(lanes);
  }

  /** Called after each message, when it is recorded. */
  onHeard(listener: (receivedNs: number) => void): void {
    this.#onHeard = listener;
  }

  /** From now on everything goes into `recorder`, whose bins these are; bytes up to the first of them are set-up. */
  record(recorder: Recorder, bins: TimeBins): void {
    this.#sampleSockets(monotonicNs());
    this.#recorder = recorder;
    this.#bins = bins;
    this.#hearing.begin(bins.originNs);
    this.#edgeNs = bins.originNs;
  }

  /**
   * Ends the bins that are over by `nowNs`: what the sockets have carried is the first one's, and nothing came in the
   * others. It is called before what happened at `nowNs` is counted, not by a clock alone: a worker that was stopped reads
   * what waited for it before its timers ring, and that is not of the time in which it stood still.
   */
  endBins(nowNs: number): void {
    while (this.#bins !== undefined && nowNs >= this.#edgeNs) {
      this.#sampleSockets(this.#edgeNs - 1);
      const next = this.#edgeNs + this.#bins.binNs;
      this.#edgeNs = next > this.#bins.originNs + this.#bins.count * this.#bins.binNs ? Number.POSITIVE_INFINITY : next;
    }
  }

  /** Takes what the sockets have carried since the last call, in the bin of `atNs`. */
  #sampleSockets(atNs: number): void {
    let bytesRead = 0;
    let bytesWritten = 0;
    let connections = this.#open;
    for (const { session } of this.#subscribers) {
      connections += session.extraConnections ?? 0;
      bytesRead += session.bytesRead;
      bytesWritten += session.bytesWritten;
    }
    this.#recorder?.count('transportBytesDown', bytesRead - this.#bytesRead, atNs);
    this.#recorder?.count('transportBytesUp', bytesWritten - this.#bytesWritten, atNs);
    this.#recorder?.level('connections', connections, atNs);
    this.#bytesRead = bytesRead;
    this.#bytesWritten = bytesWritten;
    if (this.#handshakes.length > 0) this.#sampleHandshakes(atNs);
  }

  #sampleHandshakes(atNs: number): void {
    let full = 0;
    let resumed = 0;
    for (const one of this.#handshakes) {
      full += one.full;
      resumed += one.resumed;
    }
    this.#recorder?.count('fullHandshakes', full - this.#fullHandshakes, atNs);
    this.#recorder?.count('resumedHandshakes', resumed - this.#resumedHandshakes, atNs);
    this.#fullHandshakes = full;
    this.#resumedHandshakes = resumed;
  }

  /** Whether every subscriber has what it is to have, of those that can still get it. */
  allHave(published: Published): boolean {
    return this.#subscribers.every(({ listener, fate }) => fate.isOver || listener.hasAll(published));
  }

  audit(published: Published): AuditCounts {
    return this.#hearing.audit(published);
  }

  close(): void {
    for (const { session } of this.#subscribers) session.close();
  }

  async #open1(openSession: OpenSession, index: number): Promise<void> {
    const place = this.#options.sessions[index];
    if (place === undefined) return;
    const { client, member, target } = place;
    const { authority } = target;
    const handshakes = authority === undefined ? undefined : this.#handshakesOfClient();
    const listener = this.#hearing.open(client);
    const absences = this.#absences.ofClient();
    const fate: Fate = { isOpen: false, isOver: false, behindUntil: 0, absences, home: place.target };
    const poll = { originNs: place.pollOriginNs, intervalNs: this.#options.pollIntervalNs };
    const tab = this.#options.values.ask === 'hidden' ? poll : undefined;
    await new Promise<void>((resolve, reject) => {
      const session = this.#lasting(openSession, place)(
        {
          ...place.target,
          client,
          position: { kind: 'oldest' },
          ...(member !== undefined && { member }),
          headers: this.#headersOf(client, authority !== undefined),
          ...(handshakes !== undefined && { handshakes }),
          values: this.#options.values,
          poll,
        },
        this.#events(
          { listener, fate, isNamed: member !== undefined, tab, cut: () => session.cut?.() },
          {
            opened: resolve,
            lost: (end) => reject(new Failure('ramp-failed', endInWords(end))),
          },
        ),
      );
      this.#subscribers.push({ client, listener, session, fate });
    });
  }

  #headersOf(client: number, isOverTls: boolean): HeaderProfile {
    const profile = headerProfile(this.#options.values.headers, isOverTls);
    return isBalanced(this.#options) ? withSession(profile, client) : profile;
  }

  #handshakesOfClient(): Handshakes {
    const handshakes = new Handshakes(this.#options.values.resumption !== 'off');
    this.#handshakes.push(handshakes);
    return handshakes;
  }

  /** Sessions that come back, where the variant's clients do. */
  #lasting(openSession: OpenSession, { client, target }: WorkerOptions['sessions'][number]): OpenSession {
    const { values, targets, feed } = this.#options;
    const policy = comebackPolicy(values.reconnect, this.#options);
    if (policy === undefined) return openSession;
    const who = { client, seed: feed.seed };
    return openLasting(openSession, {
      policy,
      random: comebackRandom(who),
      targets: turnOfTargets(target, targets, who),
      isStock: values.reconnect === 'stock',
    });
  }

  #events({ listener, fate, isNamed, tab, cut }: Heard, rampEvents: RampEvents): SessionEvents {
    const awayNs = tab === undefined ? undefined : hiddenNs.bind(undefined, tab);
    const pace = new StreamPace();
    const shown = isOfSenders(this.#options.feed.feed) ? new ShownValues() : undefined;
    return {
      ...this.#connectionEvents({ listener, fate }, rampEvents),
      message: (header, payloadBytes, receivedNs) => {
        const arrival = listener.message(header);
        if (this.#recorder === undefined) return;
        this.endBins(receivedNs);
        const { dueNs, publishedNs } = header;
        recordDelivery(this.#recorder, { arrival, dueNs, publishedNs, payloadBytes, receivedNs, awayNs });
        if (fate.absences.isCatchingUp)
          fate.absences.message({ dueNs, receivedNs }, listener.hasCaughtUp(fate.behindUntil));
        this.#onHeard?.(receivedNs);
        const { heard, heardIn } = listener;
        if (heardIn !== undefined) shown?.heard(heardIn, { dueNs, receivedNs }, this.#recorder);
        if (heard?.part === undefined) return;
        const isNew = pace.heard(heard, { dueNs, receivedNs }, this.#recorder);
        if (isNew && heard.cuts === true) cut();
      },
      state: (held) => listener.state?.(held),
      notice: (notice) => {
        if (notice.notice === 'gap') listener.gap(notice.from, notice.to);
        else listener.foreign();
      },
      signal: (signal, receivedNs) => {
        // Whoever has no name is told nothing but the feed.
        if (!isNamed) listener.foreign();
        else if (signal.signal === 'typing') this.#count('signals', receivedNs);
      },
      foreign: (bytes) => {
        listener.foreign();
        this.#foreign ??= foreignInWords(bytes.toString('utf8', 0, MOST_FOREIGN_BYTES));
      },
      answered: (messages, receivedNs) => {
        this.#count('answers', receivedNs);
        if (messages === 0) this.#recorder?.count('emptyAnswers', 1, receivedNs);
        if (tab !== undefined && isHiddenAt(tab, receivedNs)) this.#count('hiddenAnswers', receivedNs);
      },
    };
  }

  #count(id: CounterId, atNs: number): void {
    this.endBins(atNs);
    this.#recorder?.count(id, 1, atNs);
  }

  /** Counted from 1; null of a node that is none of the trial's, and where a balancer alone knows which it was. */
  #nodeAt({ host, port }: Target): number | null {
    if (isBalanced(this.#options)) return null;
    const index = this.#options.targets.findIndex((target) => target.host === host && target.port === port);
    return index < 0 ? null : index + 1;
  }

  #connectionEvents(
    { listener, fate }: Pick<Heard, 'listener' | 'fate'>,
    rampEvents: RampEvents,
  ): Pick<SessionEvents, 'opened' | 'reopened' | 'dropped' | 'tries' | 'back' | 'lost'> {
    let wasDropped = false;
    const ended = (end: SessionEnd, from: Target): void => {
      // One that ends while it connects was never open. Who does not come back is away from here on.
      const nowNs = monotonicNs();
      if (fate.isOpen) {
        this.#open -= 1;
        fate.absences.dropped(end, nowNs, this.#nodeAt(from));
      }
      fate.isOpen = false;
      if (end.code === 'cut') {
        this.#recorder?.count('cuts', 1, nowNs);
        return;
      }
      this.#ends.push({ end, count: 1 });
      this.#recorder?.count('unexpectedCloses', 1, nowNs);
    };
    return {
      opened: () => {
        fate.isOpen = true;
        this.#open += 1;
        rampEvents.opened();
      },
      reopened: () => this.#recorder?.count('reconnects', 1, monotonicNs()),
      dropped: (end, from) => {
        wasDropped = true;
        ended(end, from);
      },
      tries: () => fate.absences.tries(),
      back: () => {
        const nowNs = monotonicNs();
        wasDropped = false;
        fate.isOpen = true;
        this.#open += 1;
        this.#recorder?.count('reconnects', 1, nowNs);
        fate.behindUntil = listener.dueBy(nowNs);
        fate.absences.back(nowNs, listener.hasCaughtUp(fate.behindUntil));
      },
      lost: (end) => {
        fate.isOver = true;
        if (!wasDropped) ended(end, fate.home);
        rampEvents.lost(end);
      },
    };
  }
}

/** A timer may ring up to a millisecond early, for a tab that is just about to be shown. */
const EARLY_NS = 2 * NS_PER_MS;

function isHiddenAt(tab: Grid, atNs: number): boolean {
  return hiddenNs(tab, atNs, atNs + EARLY_NS) > EARLY_NS - 1;
}
