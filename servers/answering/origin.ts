import { performance } from 'node:perf_hooks';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { Entry, Position, ReadableLog } from '../feed/log.ts';
import type { DoorContext } from '../transport.ts';
import { Answers, type PollAnswer } from '../wire/http-answer.ts';
import type { ReadState } from './feed-state.ts';
import { SharedAnswers } from './shared-answers.ts';

/** What stands behind the polls of a door, and the answers to those who all get the same. */
export interface Origin {
  /** What somebody gets who reads the log by a view of its own. */
  inView(log: ReadableLog, position: Position): Promise<Entry[]>;
  since(position: Position): Promise<PollAnswer>;
  /** The same behind what somebody is told first, and nobody else. */
  behind(first: readonly Entry[], position: Position): Promise<PollAnswer>;
  /** All that there is of each key. */
  readonly state: ReadState;
}

type OriginContext = Pick<DoorContext, 'hub' | 'options' | 'readOrigin' | 'onOriginRead'>;

/** How long a page takes that is made for each request. */
const WORK_MS = 1;

export function openOrigin(context: OriginContext): Origin {
  const { hub, options, onOriginRead } = context;
  const ask = askOf(options.values.origin ?? 'memory', context);
  const read = async (): Promise<void> => {
    onOriginRead();
    try {
      await ask();
    } catch (error) {
      throw new OriginSilent('what stands behind this node does not answer', { cause: error });
    }
  };
  if (options.values.cache === 'shared') {
    const shared = new SharedAnswers(hub.feed, read, options.sharedForMs * NS_PER_MS);
    return {
      inView: async (log, position) => entriesUpTo(log, position, await shared.upTo()),
      since: async (position) => shared.since(position),
      behind: async (first, position) => shared.behind(first, position),
      state: shared.state,
    };
  }
  const answers = new Answers(hub.feed);
  return {
    inView: async (log, position) => {
      await read();
      return log.since(position);
    },
    since: async (position) => {
      await read();
      return answers.since(position);
    },
    behind: async (first, position) => {
      await read();
      return answers.behind(first, position);
    },
    state: async (use) => {
      await read();
      hub.feed.settle();
      const { latest, oldest } = hub.feed;
      return use({
        seq: latest,
        oldest,
        reached: latest,
        behind: (first) => answers.behind(first, { kind: 'oldest' }),
      });
    },
  };
}

/** As the log would answer if nothing had come after that number. */
function entriesUpTo(log: ReadableLog, position: Position, upTo: number): Entry[] {
  const { seq, notice } = log.place(position);
  const entries = notice === undefined ? [] : [notice];
  for (let next = log.next(seq); next !== undefined && next.seq <= upTo; next = log.next(next.seq))
    entries.push(next.entry);
  return entries;
}

/** Answered with that status, and with nothing of where the origin is. */
class OriginSilent extends Error {
  override readonly name = 'OriginSilent';
  readonly statusCode = 503;
}

function askOf(kind: ValueOf<'origin'>, { readOrigin }: OriginContext): () => Promise<void> {
  switch (kind) {
    case 'memory':
      return async () => undefined;
    case 'redis':
      if (readOrigin === undefined) throw new TypeError('there is no Redis to read');
      return readOrigin;
    case 'work':
      return async () => work();
    default:
      return kind satisfies never;
  }
}

/** Nothing else is done meanwhile, as where an answer is computed. */
function work(): void {
  const untilMs = performance.now() + WORK_MS;
  while (performance.now() < untilMs);
}
