import { errorMessage } from '../../scenarios/failures.ts';
import { readAnswer } from '../../scenarios/feed/signal.ts';
import { otherEnd, type SessionEnd } from '../../scenarios/session-end.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { Following, isChange } from '../../servers/asking/following.ts';
import { cadenceOf, type TransportId, transportRow } from '../../servers/registry.ts';
import type {
  Answered,
  OpenSession,
  Session,
  SessionCommand,
  SessionEvents,
  SessionOptions,
} from '../../servers/transport.ts';
import { FeedReader } from '../../servers/wire/feed-reader.ts';
import { Line } from './line.ts';
import type { Page } from './page.ts';
import type { PagePlace, Pages } from './pages.ts';
import { readTold, type Told } from './told.ts';

/** In the compact form what is no message is text behind this letter. */
const TEXT_IN_BINARY = 'N';

/** Pages of a Chromium that trusts this authority, as PEM; undefined: there is none to trust. */
export type PagesFor = (authority: string | undefined) => Pages;

export function pageSessions(pagesFor: PagesFor, transport: TransportId): OpenSession {
  return (options, events) => new PageSession({ pages: pagesFor(options.authority), transport, options, events });
}

interface Parts {
  readonly pages: Pages;
  readonly transport: TransportId;
  readonly options: SessionOptions;
  readonly events: SessionEvents;
}

/** As ALPN names it. */
const HTTP2 = 'h2';

let sessions = 0;

/**
 * A session in a page of Chromium: the page follows the feed and tells what came and when; here it is read as every session
 * reads it. What the page's connections carry Chromium does not tell.
 */
class PageSession implements Session {
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  /** Only where the page comes back by itself. */
  readonly cut?: () => void;
  readonly #parts: Parts;
  #place: PagePlace;
  readonly #number: number;
  readonly #reader: FeedReader;
  readonly #following: Following;
  /** Commands that have no answer yet, by their numbers. */
  readonly #answered = new Map<number, Answered>();
  #commands = 0;
  #page: Page | undefined;
  #line: Line | undefined;
  #isCut = false;
  #closed = false;

  constructor(parts: Parts) {
    const { options, events } = parts;
    if (staysOpen(parts)) this.cut = () => this.#cut();
    sessions += 1;
    this.#parts = parts;
    this.#number = sessions;
    this.#place = { origin: originOf(options, options), transport: parts.transport };
    this.#following = new Following(options);
    this.#reader = new FeedReader(
      {
        message: (header, payloadBytes, receivedNs) => events.message(header, payloadBytes, receivedNs),
        notice: (notice) => events.notice(notice),
        // A welcome is for who shows it.
        signal: (signal, receivedNs) => {
          if (options.member !== undefined) events.signal(signal, receivedNs);
        },
        foreign: (bytes) => events.foreign(bytes),
      },
      options.position,
      options.values.frames ?? 'text',
    );
    this.#open().catch((error: unknown) => this.#lost(otherEnd(errorMessage(error))));
  }

  say(command: SessionCommand, answered: Answered): void {
    if (this.#closed) return;
    if (isChange(command) && this.#asksAnew) {
      this.#following.change(command, answered);
      queueMicrotask(() => void this.#askAnew());
      return;
    }
    this.#commands += 1;
    this.#answered.set(this.#commands, answered);
    this.#call('say', this.#commands, command);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#letGo();
  }

  /** Who has no session at the node says what it follows by what it asks for next. */
  get #asksAnew(): boolean {
    return transportRow(this.#parts.transport).connectsBy !== 'upgrade';
  }

  async #open(): Promise<void> {
    if (staysOpen(this.#parts)) {
      this.#line = await Line.to(this.#parts.options);
      this.#place = { ...this.#place, origin: originOf(this.#line, this.#parts.options) };
    }
    const page = await this.#parts.pages.take(this.#place);
    this.#page = page;
    if (this.#closed) {
      this.#letGo();
      return;
    }
    page.hear((payload) => {
      for (const told of readTold(payload)) if (!this.#closed && told.session === this.#number) this.#take(page, told);
    });
    await this.#greet(page);
    await page.call('follow', this.#settings(page));
  }

  /** Who is to speak HTTP/2 does before anything is asked of it. */
  async #greet(page: Page): Promise<void> {
    if (this.#parts.options.values.http !== '2') return;
    const spoken = await page.call('greet');
    if (spoken !== HTTP2) throw new Error(`a page speaks ${String(spoken)} where HTTP/2 was asked for`);
  }

  #settings({ originNs }: Page): object {
    const { transport, options } = this.#parts;
    const { position, member, values, poll } = options;
    const cadence = cadenceOf({ transport, values });
    const intervalMs = poll.intervalNs / NS_PER_MS;
    // Who waits for an answer shows that it is there by one that comes at once.
    const oldest = cadence === 'held' ? undefined : 0;
    return {
      session: this.#number,
      transport,
      ...(cadence === 'interval' && { grid: { originMs: (poll.originNs - originNs) / NS_PER_MS, intervalMs } }),
      options: {
        since: position.kind === 'after' ? position.seq : oldest,
        ...(member !== undefined && { user: member.user, channels: member.channels }),
        values,
        intervalMs,
        staysOpen: staysOpen(this.#parts),
      },
    };
  }

  async #askAnew(): Promise<void> {
    if (!this.#following.hasChanged) return;
    const seq = await this.#page?.call('askAnew', this.#following.channels);
    this.#following.asked({ kind: 'after', seq: Number(seq) });
  }

  #cut(): void {
    this.#isCut = true;
    this.#line?.cut();
  }

  #call(name: string, ...parameters: readonly unknown[]): void {
    this.#page?.call(name, ...parameters).catch((error: unknown) => this.#lost(otherEnd(errorMessage(error))));
  }

  #take(page: Page, told: Told): void {
    const { events } = this.#parts;
    switch (told.kind) {
      case 'live':
        events.opened();
        return;
      case 'entry':
        this.#reader.accept(this.#entryOf(told.text), timeOf(page, told));
        return;
      case 'bytes':
        this.#reader.accept(Buffer.from(told.base64, 'base64'), timeOf(page, told));
        return;
      case 'answered':
        events.answered(told.messages, timeOf(page, told));
        return;
      case 'answer':
        this.#answer(told, timeOf(page, told));
        return;
      case 'away':
        events.dropped?.({ code: this.#isCut ? 'cut' : 'connection-closed' }, this.#parts.options);
        this.#isCut = false;
        return;
      case 'failed':
        events.tries?.();
        return;
      case 'back':
        events.tries?.();
        events.back?.();
        return;
      case 'over':
        this.#lost(told.end);
        return;
      default:
        told satisfies never;
    }
  }

  #entryOf(text: string): Buffer {
    return Buffer.from(this.#parts.options.values.frames === 'binary' ? TEXT_IN_BINARY + text : text);
  }

  #answer({ number, text }: Extract<Told, { kind: 'answer' }>, receivedNs: number): void {
    const answered = this.#answered.get(number);
    this.#answered.delete(number);
    const answer = readAnswer(Buffer.from(text));
    if (answer === undefined) this.#lost({ code: 'protocol', cause: 'answer' });
    else answered?.(answer, receivedNs);
  }

  #lost(end: SessionEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#letGo();
    this.#parts.events.lost(end);
  }

  /** What the page still tells of this session nobody hears. */
  #letGo(): void {
    const page = this.#page;
    this.#line?.close();
    if (page === undefined) return;
    this.#page = undefined;
    page.call('end').then(
      () => this.#parts.pages.giveBack(this.#place, page),
      () => undefined,
    );
  }
}

function originOf(
  { host, port }: Pick<SessionOptions, 'host' | 'port'>,
  { authority }: Pick<SessionOptions, 'authority'>,
): string {
  return `${authority === undefined ? 'http' : 'https'}://${host}:${port}`;
}

/** Who comes back by itself goes to where it was. */
function staysOpen({ transport, options }: Parts): boolean {
  return transportRow(transport).page?.comesBack === true && options.stock?.hasOneNode === true;
}

function timeOf({ originNs }: Page, { atMs }: { readonly atMs: number }): number {
  return Math.round(originNs + atMs * NS_PER_MS);
}
