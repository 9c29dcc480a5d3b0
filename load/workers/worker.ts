import { flushCompileCache } from 'node:module';
import { monotonicNs } from '../../scenarios/clock.ts';
import { EventLoopMonitor } from '../../scenarios/measures/event-loop.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { Recorder, type TimeBins } from '../../scenarios/measures/recording.ts';
import { type BinClock, startBinClock } from '../machine/bin-clock.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { OpenSession } from '../../servers/transport.ts';
import type { GeneratorReport, WindowTiming } from '../generator.ts';
import { NumberHearing } from '../subscribers/number-hearing.ts';
import type { Published } from '../subscribers/spoken.ts';
import { askPresence } from './presence.ts';
import { Subscribers } from './subscribers.ts';
import { hearingOf, scriptedOptions, type Talkers, talkersOf } from './talkers.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from './worker-messages.ts';

/** Where a generator has the sessions of a transport; `options` are whole when they are to be opened, and values alone when they are only loaded. */
export type FindSession = (
  transport: TransportId,
  options: WorkerOptions | Pick<WorkerOptions, 'values'>,
) => Promise<OpenSession>;

/** What a generator's sessions have to say that no audit has; asked at the end. */
type Remarks = () => NonNullable<GeneratorReport['remarks']>;

const CHECK_EVERY_MS = 5;
const eventLoop = new EventLoopMonitor();
let subscribers: Subscribers | undefined;
/** Where they talk, and do not only listen. */
let talkers: Talkers | undefined;
let recorder: Recorder | undefined;
let clock: BinClock | undefined;
/** Of a server's own feed. */
let numbers: NumberHearing | undefined;

/** Makes this process a load worker, which holds sessions, records and audits. */
export function liveAsWorker(findSession: FindSession, remarks: Remarks = () => []): void {
  process.on('message', (command: WorkerCommand) => obey(command, { findSession, remarks }));
  tell({ kind: 'ready' });
}

function tell(report: WorkerReport): void {
  process.send?.(report);
}

/** Before anybody connects: reading a program is no part of what connecting costs. Why it cannot be is told by the ramp. */
async function load(
  { transport, values }: Extract<WorkerCommand, { kind: 'load' }>,
  findSession: FindSession,
): Promise<void> {
  await findSession(transport, { values }).catch(() => undefined);
  flushCompileCache();
}

async function ramp(findSession: FindSession): Promise<void> {
  try {
    await subscribers?.ramp(findSession);
    tell({ kind: 'ramped' });
  } catch (error) {
    tell({ kind: 'ramp-failed', reason: errorMessage(error) });
  }
}

function endBins(): void {
  subscribers?.endBins(monotonicNs());
}

function prepare(options: WorkerOptions): void {
  const scripted = scriptedOptions(options);
  talkers = scripted === undefined ? undefined : talkersOf(scripted);
  numbers = options.foreign?.isPublishedTo === false ? new NumberHearing() : undefined;
  subscribers =
    talkers?.subscribers ?? new Subscribers(options, scripted === undefined ? numbers : hearingOf(scripted));
  tell({ kind: 'prepared' });
}

function record({ bins, windowStartNs, windowEndNs }: WindowTiming): void {
  if (subscribers === undefined) return;
  recorder = new Recorder(bins);
  subscribers.record(recorder, bins);
  eventLoop.watch(windowStartNs, windowEndNs);
  clock = startBinClock(bins, endBins);
  void talk(talkers, recorder, bins);
  tell({ kind: 'recording' });
}

/** What goes wrong here ends this process, which is told of. */
async function talk(all: Talkers | undefined, into: Recorder, bins: TimeBins): Promise<void> {
  if (all === undefined) return;
  await all.hold(into, bins, (turnNs) => eventLoop.waited(turnNs));
  tell({ kind: 'spoken', spoken: all.spoken, lost: all.lost });
}

function finish(published: Published, deadlineNs: number, remarks: Remarks): void {
  if (subscribers === undefined) return;
  if (!subscribers.allHave(published) && monotonicNs() < deadlineNs) {
    setTimeout(() => finish(published, deadlineNs, remarks), CHECK_EVERY_MS);
    return;
  }
  tell({
    kind: 'report',
    recording: recorder?.snapshot() ?? [],
    audit: { ...subscribers.audit(published), ...talkers?.counts },
    eventLoop: eventLoop.report(),
    ends: subscribers.ends,
    absences: subscribers.absences,
    foreign: subscribers.foreign,
    refusal: talkers?.refusal ?? null,
    numbers: numbers?.numbers,
    remarks: remarks(),
  });
  subscribers.close();
}

function obey(command: WorkerCommand, { findSession, remarks }: { findSession: FindSession; remarks: Remarks }): void {
  switch (command.kind) {
    case 'load':
      void load(command, findSession);
      return;
    case 'prepare':
      prepare(command.options);
      return;
    case 'ramp':
      void ramp(findSession);
      return;
    case 'record':
      record(command);
      return;
    case 'hush':
      talkers?.stop();
      return;
    case 'ask-presence':
      void askPresence({ ...command.question, token: talkers?.token }).then((seen) => tell({ kind: 'presence', seen }));
      return;
    case 'finish':
      // Before the wait for the last deliveries, whose bytes belong to no bin.
      clock?.stop();
      endBins();
      finish(command.spoken ?? command.latest, command.deadlineNs, remarks);
      return;
    default:
      command satisfies never;
  }
}
