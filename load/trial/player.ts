import { fileURLToPath } from 'node:url';
import { Failure } from '../../scenarios/failures.ts';
import { scriptTexts, ScheduleHash } from '../../scenarios/feed/schedule-hash.ts';
import { isAddressed, scriptOf } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { PUBLISHER } from '../../scenarios/feed/script.ts';
import type { ForeignServer, GeneratorTalk, WindowTiming } from '../generator.ts';
import type { PublisherCommand, PublisherOptions, PublisherOutcome, PublisherReport } from '../fleet/publisher.ts';
import type { Guard } from '../machine/guard.ts';
import type { Host } from '../machine/host.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import type { Expected } from '../subscribers/expectation.ts';
import type { Spoken } from '../subscribers/spoken.ts';

/** Who plays a trial's feed: a publisher, or the clients themselves. */
export interface Player {
  /** The feed begins with the first bin; resolves when all of it was played. */
  play(timing: WindowTiming): Promise<PlayedOutcome>;
  /** Nothing more is said; what was said so far is the outcome. */
  stop(): void;
}

/** What was played. */
export interface PlayedOutcome extends Omit<PublisherOutcome, 'eventLoop'> {
  /** Null where no process does nothing but publish. */
  readonly eventLoop: PublisherOutcome['eventLoop'] | null;
  /** Of a conversation. */
  readonly spoken?: Spoken;
}

export type Publisher = Child<PublisherCommand, PublisherReport>;

export interface PublisherPlace {
  /** Whose server it publishes to, where that is no node of ours. */
  readonly foreign: ForeignServer | undefined;
  /** Told where a server that is not ours takes nothing more. */
  readonly onHalt: (failure: Failure) => void;
  readonly host: Host;
  readonly cores: readonly number[];
  readonly guard: Guard;
  /** Takes its end. */
  readonly cleanup: AsyncDisposableStack;
}

const PROGRAM = new URL('../fleet/publisher-process.ts', import.meta.url);
const FOREIGN_PROGRAM = new URL('../foreign/publisher-process.ts', import.meta.url);

export function startPublisher({ host, cores, guard, cleanup, foreign, onHalt }: PublisherPlace): Publisher {
  const publisher: Publisher = startChild(
    {
      name: 'publisher',
      command: nodeProgram(fileURLToPath(foreign === undefined ? PROGRAM : FOREIGN_PROGRAM)),
      // The ingest socket is a path, not an address, so the publisher is at home on either host.
      host,
      cores,
      urgent: true,
    },
    guard.report,
  );
  publisher.onReport((report) => {
    if (report.kind === 'failed') guard.report(new Failure(report.code, report.message));
    if (report.kind === 'halted') onHalt(new Failure(report.code, report.message));
  });
  cleanup.defer(async () => publisher.kill());
  return publisher;
}

/** Resolves when it can begin. */
export async function preparePublisher(publisher: Publisher, options: PublisherOptions): Promise<Player> {
  const prepared = publisher.next('prepared');
  publisher.send({ kind: 'prepare', options });
  await prepared;
  return {
    play: async (timing) => {
      const done = publisher.next('done');
      publisher.send({ kind: 'publish', ...timing });
      return done;
    },
    stop: () => publisher.send({ kind: 'stop' }),
  };
}

/** The clients know when the feed begins by the time at which it is played. */
export function talkingClients(talk: GeneratorTalk, feed: Expected): Player {
  return {
    play: async () => {
      const spoken = await talk.spoken();
      return {
        published: spoken.length,
        scheduleHash: hashOfSpoken(spoken, feed),
        recording: [],
        eventLoop: null,
        spoken,
      };
    },
    stop: () => talk.hush(),
  };
}

/** A publisher and the clients have each their part of the feed. */
export function bothPlaying(publisher: Player, talk: GeneratorTalk, feed: Expected): Player {
  return {
    play: async (timing) => {
      const [published, said] = await Promise.all([publisher.play(timing), talk.spoken()]);
      const spoken = [...publishersPart(feed, published.published), ...said];
      return { ...published, published: spoken.length, scheduleHash: hashOfSpoken(spoken, feed), spoken };
    },
    stop: () => {
      publisher.stop();
      talk.hush();
    },
  };
}

/** Under which numbers its messages are in the log the publisher is not told one by one. */
function publishersPart({ feed, clients = 1, seed, durationNs }: Expected, published: number): Spoken {
  if (!isAddressed(feed)) return [];
  const own = scriptOf({ feed, clients, seed, durationNs }).messages.filter(({ sender }) => sender === PUBLISHER);
  return own.slice(0, published).map(({ index }) => [index, null] as const);
}

function hashOfSpoken(spoken: Spoken, feed: Expected): string {
  const said = new Set(spoken.map(([index]) => index));
  const hash = new ScheduleHash();
  for (const { offsetNs, text } of scriptTexts(feed, (index) => said.has(index))) hash.add(offsetNs, text);
  return hash.digest();
}
