import { flushCompileCache } from 'node:module';
import { monotonicNs } from '../../scenarios/clock.ts';
import { EventLoopMonitor } from '../../scenarios/measures/event-loop.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { type BinClock, startBinClock } from '../machine/bin-clock.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { OpenSession } from '../../servers/transport.ts';
import { Subscribers } from './subscribers.ts';
import type { WorkerCommand, WorkerReport } from './worker-messages.ts';

/** Where a generator has the sessions of a transport. */
export type FindSession = (transport: TransportId) => Promise<OpenSession>;

const CHECK_EVERY_MS = 5;
const eventLoop = new EventLoopMonitor();
let subscribers: Subscribers | undefined;
let recorder: Recorder | undefined;
let clock: BinClock | undefined;

/** Makes this process a load worker, which holds sessions, records and audits. */
export function liveAsWorker(findSession: FindSession): void {
  process.on('message', (command: WorkerCommand) => obey(command, findSession));
  tell({ kind: 'ready' });
}

function tell(report: WorkerReport): void {
  process.send?.(report);
}

/** Before anybody connects: reading a program is no part of what connecting costs. Why it cannot be is told by the ramp. */
async function load(transport: TransportId, findSession: FindSession): Promise<void> {
  await findSession(transport).catch(() => undefined);
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

function finish(latest: number, deadlineNs: number): void {
  if (subscribers === undefined) return;
  if (!subscribers.allHave(latest) && monotonicNs() < deadlineNs) {
    setTimeout(() => finish(latest, deadlineNs), CHECK_EVERY_MS);
    return;
  }
  tell({
    kind: 'report',
    recording: recorder?.snapshot() ?? [],
    audit: subscribers.audit(latest),
    eventLoop: eventLoop.report(),
    ends: subscribers.ends,
    absences: subscribers.absences,
    foreign: subscribers.foreign,
  });
  subscribers.close();
}

function obey(command: WorkerCommand, findSession: FindSession): void {
  switch (command.kind) {
    case 'load':
      void load(command.transport, findSession);
      return;
    case 'prepare':
      subscribers = new Subscribers(command.options);
      tell({ kind: 'prepared' });
      return;
    case 'ramp':
      void ramp(findSession);
      return;
    case 'record':
      if (subscribers === undefined) return;
      recorder = new Recorder(command.bins);
      subscribers.record(recorder, command.bins);
      eventLoop.watch(command.windowStartNs, command.windowEndNs);
      clock = startBinClock(command.bins, endBins);
      tell({ kind: 'recording' });
      return;
    case 'finish':
      // Before the wait for the last deliveries, whose bytes belong to no bin.
      clock?.stop();
      endBins();
      finish(command.latest, command.deadlineNs);
      return;
    default:
      command satisfies never;
  }
}
