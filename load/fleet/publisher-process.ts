import { flushCompileCache } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { EventLoopMonitor } from '../../scenarios/measures/event-loop.ts';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { publishedMessages } from '../../scenarios/feed/kinds/published-messages.ts';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { ScheduleHash } from '../../scenarios/feed/schedule-hash.ts';
import { type IngestClient, openIngestClient } from '../../servers/ingest/client.ts';
import type { WindowTiming } from '../generator.ts';
import { waitUntil } from './precise-wait.ts';
import type { PublisherCommand, PublisherOptions, PublisherReport } from './publisher-messages.ts';

/**
 * The publisher as a process of its own: hands each message to a node when it is due, on an absolute schedule; what is
 * late is sent all the same, and its lateness recorded. Ends with its parent.
 */
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

async function prepare(options: PublisherOptions): Promise<void> {
  const client = await openIngestClient(options.ingest, {
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

function obey(command: PublisherCommand): void {
  switch (command.kind) {
    case 'prepare':
      prepare(command.options).catch(fail);
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

process.on('message', obey);
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
flushCompileCache();
