import { flushCompileCache } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { EventLoopMonitor, type EventLoopReport } from '../../scenarios/measures/event-loop.ts';
import { errorMessage, Failure, type FailureCode } from '../../scenarios/failures.ts';
import { publishedMessages } from '../../scenarios/feed/kinds/published-messages.ts';
import { Recorder, type Recording } from '../../scenarios/measures/recording.ts';
import type { PlannedFeed } from '../../scenarios/feed/schedule.ts';
import { ScheduleHash } from '../../scenarios/feed/schedule-hash.ts';
import type { IngestClient } from '../../servers/ingest/client.ts';
import type { ForeignServer, WindowTiming } from '../generator.ts';
import { waitUntil } from './precise-wait.ts';

export interface PublisherOptions extends PlannedFeed {
  /** Path of the node's ingest socket. */
  readonly ingest: string;
  /** Goes on where its node takes a message no longer, because something is to happen to the servers: that message is lost. */
  readonly isPatient: boolean;
  /** Takes messages instead of a node. */
  readonly foreign?: ForeignServer | undefined;
}

export type PublisherCommand =
  | { readonly kind: 'prepare'; readonly options: PublisherOptions }
  | ({ readonly kind: 'publish' } & WindowTiming)
  | { readonly kind: 'stop' };

export interface PublisherOutcome {
  /** Messages handed in, whether or not a node said what number it gave them: all of them are expected. */
  readonly published: number;
  /** Of the messages published. */
  readonly scheduleHash: string;
  readonly recording: Recording;
  readonly eventLoop: EventLoopReport;
}

export type PublisherReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string }
  /** The feed has ended before its time; what was published counts, and `done` follows. */
  | { readonly kind: 'halted'; readonly code: FailureCode; readonly message: string }
  | ({ readonly kind: 'done' } & PublisherOutcome);

/** Where messages go, and what becomes of each. */
export type OpenIngest = (options: PublisherOptions, events: PublishingEvents) => Promise<IngestClient>;

interface PublishingEvents {
  /** In the order of `send`: the sequence number, or why there is none. */
  readonly onAnswer: (answer: number | Failure) => void;
  readonly onClose: () => void;
  /** Nothing more can be handed in, or may be: the feed ends here. */
  readonly onHalt: (failure: Failure) => void;
}

const ANSWER_CHECK_MS = 5;
const ANSWER_PATIENCE_MS = 5000;

const eventLoop = new EventLoopMonitor();
const answers = { taken: 0, refusal: undefined as string | undefined };
let recorder: Recorder | undefined;
let prepared: { options: PublisherOptions; client: IngestClient } | undefined;
const stopping = new AbortController();

function tell(report: PublisherReport): void {
  process.send?.(report);
}

function fail(error: unknown): void {
  const code = error instanceof Failure ? error.code : 'process-died';
  tell({ kind: 'failed', code, message: errorMessage(error) });
}

async function prepare(options: PublisherOptions, openIngest: OpenIngest): Promise<void> {
  const client = await openIngest(options, {
    onAnswer: (answer) => {
      if (typeof answer === 'number') {
        answers.taken += 1;
      } else if (options.isPatient) {
        answers.taken += 1;
        recorder?.count('refusals', 1, monotonicNs());
      } else if (answers.refusal === undefined) {
        answers.refusal = answer.message;
        fail(answer);
      }
    },
    onClose: () => {
      const closed = new Failure('process-died', 'the node that takes messages closed its ingest socket; run again');
      if (!options.isPatient) fail(closed);
    },
    onHalt: (failure) => {
      stopping.abort();
      tell({ kind: 'halted', code: failure.code, message: failure.message });
    },
  });
  prepared = { options, client };
  tell({ kind: 'prepared' });
}

async function publish(
  { options, client }: { options: PublisherOptions; client: IngestClient },
  timing: WindowTiming,
): Promise<void> {
  const { originNs } = timing.bins;
  const recording = new Recorder(timing.bins);
  recorder = recording;
  const hash = new ScheduleHash();
  let sent = 0;
  eventLoop.watch(timing.windowStartNs, timing.windowEndNs);
  for (const { offsetNs, text, bodyOf } of publishedMessages(options)) {
    const dueNs = originNs + offsetNs;
    await waitUntil(dueNs, stopping.signal);
    if (stopping.signal.aborted) break;
    const publishedNs = monotonicNs();
    client.send(bodyOf(dueNs, publishedNs));
    recording.record('lateness', publishedNs - dueNs, dueNs);
    recording.count('published', 1, publishedNs);
    hash.add(offsetNs, text);
    sent += 1;
  }
  await answered(sent);
  tell({
    kind: 'done',
    published: sent,
    scheduleHash: hash.digest(),
    recording: recording.snapshot(),
    eventLoop: eventLoop.report(),
  });
}

/** Waits until all that was sent has its sequence number, with patience for a node that stands still. */
async function answered(sent: number): Promise<void> {
  const deadlineNs = monotonicNs() + ANSWER_PATIENCE_MS * 1e6;
  while (answers.taken < sent && monotonicNs() < deadlineNs) await setTimeout(ANSWER_CHECK_MS);
}

function obey(command: PublisherCommand, openIngest: OpenIngest): void {
  switch (command.kind) {
    case 'prepare':
      prepare(command.options, openIngest).catch(fail);
      return;
    case 'publish':
      if (prepared !== undefined) publish(prepared, command).catch(fail);
      return;
    case 'stop':
      stopping.abort();
      return;
    default:
      command satisfies never;
  }
}

/**
 * Makes this process a publisher: it hands in each message when it is due, on an absolute schedule; what is late is sent all
 * the same, and its lateness recorded. Ends with its parent.
 */
export function liveAsPublisher(openIngest: OpenIngest): void {
  process.on('message', (command: PublisherCommand) => obey(command, openIngest));
  process.once('disconnect', () => process.exit());
  tell({ kind: 'ready' });
  flushCompileCache();
}
