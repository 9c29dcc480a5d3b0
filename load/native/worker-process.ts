import { monotonicNs } from '../../scenarios/clock.ts';
import { EventLoopMonitor } from '../../scenarios/measures/event-loop.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { type BinClock, startBinClock } from '../machine/bin-clock.ts';
import { Subscribers } from './subscribers.ts';
import type { WorkerCommand, WorkerReport } from './worker-messages.ts';

/** A load worker: holds sessions, records, audits. Started by the native generator; ends with its parent. */
const CHECK_EVERY_MS = 5;
const eventLoop = new EventLoopMonitor();
let subscribers: Subscribers | undefined;
let recorder: Recorder | undefined;
let clock: BinClock | undefined;

function tell(report: WorkerReport): void {
  process.send?.(report);
}

async function ramp(): Promise<void> {
  try {
    await subscribers?.ramp();
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
    foreign: subscribers.foreign,
  });
  subscribers.close();
}

function obey(command: WorkerCommand): void {
  switch (command.kind) {
    case 'prepare':
      subscribers = new Subscribers(command.options);
      tell({ kind: 'prepared' });
      return;
    case 'ramp':
      void ramp();
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

process.on('message', obey);
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
