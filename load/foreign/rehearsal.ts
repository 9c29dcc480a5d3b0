import { setTimeout as delay } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Failure } from '../../scenarios/failures.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { foreignInWords, printable } from '../../scenarios/printable.ts';
import { endInWords, type SessionEnd } from '../../scenarios/session-end.ts';
import type { ForeignServer } from '../generator.ts';
import { headerProfile } from '../../servers/registry.ts';
import type { Session } from '../../servers/transport.ts';
import { adaptedSession, SeenMessages } from './adapted-session.ts';
import type { Adapter } from './adapter.ts';
import { openForeignIngest } from './foreign-ingest.ts';
import { type Limits, USUAL_LIMITS } from './links/link.ts';
import { distrustOf, refusalOf } from './refusals.ts';
import { readServerClock } from './server-clock.ts';
import type { TargetAddress } from './target-address.ts';
import { within } from './time-limit.ts';

const MOST_MESSAGES = 10_000;
const POLL_NS = 500e6;

interface Place {
  readonly adapter: Adapter;
  readonly address: TargetAddress;
  readonly limits: Limits;
}

interface Rehearsed {
  readonly adapter: Adapter;
  readonly server: ForeignServer;
}

/** One client, as it is heard. */
class Listener {
  readonly opened = Promise.withResolvers<undefined>();
  readonly heard = Promise.withResolvers<undefined>();
  readonly seen = new SeenMessages();
  /** What came that was no message, in words. */
  foreign: string | undefined;
  readonly #session: Session;

  constructor(place: Place) {
    const { address } = place;
    const site = { ...place, seen: this.seen, offsetMs: undefined, mostMessages: MOST_MESSAGES };
    for (const promise of [this.opened.promise, this.heard.promise]) promise.catch(() => undefined);
    this.#session = adaptedSession({ ...site, onEnd: (end) => this.#ended(end, address) })(
      {
        host: address.host,
        port: address.port,
        client: 0,
        position: { kind: 'oldest' },
        headers: headerProfile(),
        values: {},
        poll: { originNs: monotonicNs(), intervalNs: POLL_NS },
      },
      {
        opened: () => this.opened.resolve(undefined),
        message: () => this.heard.resolve(undefined),
        notice: () => undefined,
        signal: () => undefined,
        foreign: (bytes) => {
          this.foreign ??= foreignInWords(bytes.toString());
        },
        answered: () => undefined,
        reopened: () => undefined,
        lost: () => undefined,
      },
    );
  }

  close(): void {
    this.#session.close();
  }

  #ended(end: SessionEnd, address: TargetAddress): void {
    const failure = failureOf(end, address);
    this.opened.reject(failure);
    this.heard.reject(failure);
  }
}

/**
 * Has one client follow the target, and one message go all the way, before anything is loaded: whatever is wrong with address,
 * server or adapter is told by this. Throws `target-unreachable`, `target-refused` or `adapter`.
 */
export async function rehearse({ adapter, server }: Rehearsed, limits = USUAL_LIMITS): Promise<void> {
  const { address, isPublishedTo, hasClock } = server;
  const { stepMs, ownFeedMs } = limits;
  const place = { adapter, address, limits };
  const listener = new Listener(place);
  try {
    if ((await within(3 * stepMs, listener.opened.promise)) === 'late') throw failureOf({ code: 'silent' }, address);
    if (isPublishedTo) await passOn(place, listener);
    else if ((await within(ownFeedMs, listener.heard.promise)) === 'late') throw unread(listener, ownFeedMs);
    if (hasClock && !isPublishedTo) await readServerClock(adapter, address);
  } finally {
    listener.close();
  }
}

/** A poll is due at most half a second after the message. */
async function passOn(place: Place, listener: Listener): Promise<void> {
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => undefined);
  const ingest = await openForeignIngest(place, {
    onAnswer: (answer) => {
      if (answer instanceof Failure) refused.reject(answer);
    },
    onHalt: (failure) => refused.reject(failure),
  });
  try {
    const nowNs = monotonicNs();
    ingest.send(encodeBody(nowNs, nowNs, JSON.stringify({ text: 'a rehearsal: feedbench begins soon' })));
    const heard = await within(place.limits.stepMs, Promise.race([listener.heard.promise, refused.promise]));
    if (heard === 'late') throw unread(listener, place.limits.stepMs);
    // What a broken server says twice comes at once: it is no part of a trial then.
    await delay(0);
  } finally {
    ingest.close();
  }
}

function unread({ seen, foreign }: Listener, ms: number): Failure {
  const time = `${ms / 1000} s`;
  if (seen.came === 0)
    return new Failure(
      'adapter',
      `nothing came within ${time} of what was published: see whether "publish" says what the server passes on to all, and "subscribe" what it wants to hear`,
    );
  const first = printable(seen.first ?? '');
  const why = foreign ?? '"read" returned undefined for all of them';
  return new Failure(
    'adapter',
    `the adapter read none of the ${seen.came} messages that came within ${time} (${why}); the first begins with ${first}`,
  );
}

function failureOf(end: SessionEnd, { host, port }: TargetAddress): Failure {
  const refusal = refusalOf(end);
  if (refusal !== undefined) return refusal;
  const words = endInWords(end);
  const place = `${host}:${port}`;
  if (end.code === 'connection-lost') {
    const distrust = distrustOf(place, end.system);
    if (distrust !== undefined) return distrust;
  }
  if (end.code === 'unreachable') {
    const unreached = `nobody answers at ${place} (${end.system}): start the server, or correct --target`;
    return distrustOf(place, end.system) ?? new Failure('target-unreachable', unreached);
  }
  if (end.code === 'silent')
    return new Failure(
      'target-unreachable',
      `${place} did not answer in time: it hangs, or speaks something else than the adapter says`,
    );
  if (end.code === 'other' && words.startsWith("the adapter's")) return new Failure('adapter', `${words}; correct it`);
  const remedy =
    end.code === 'http-status' ? 'correct the path of --target' : "see what the server says, and the adapter's kind";
  return new Failure('target-unreachable', `${place}: ${words}: ${remedy}`);
}
