import { monotonicNs } from '../../scenarios/clock.ts';
import { EventLoopMonitor } from '../../scenarios/event-loop.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { Recorder, type TimeBins } from '../../scenarios/recording.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { Subscribers } from './subscribers.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from './worker-messages.ts';

/** A load worker: holds sessions, records, audits. Started by the native generator; ends with its parent. */
const CHECK_EVERY_MS = 5;
const eventLoop = new EventLoopMonitor();
let subscribers: Subscribers | undefined;
let recorder: Recorder | undefined;

function tell(report: WorkerReport): void {
  process.send?.(report);
}

async function ramp(options: WorkerOptions): Promise<void> {
  subscribers = new Subscribers(options);
  try {
    await subscribers.ramp();
    tell({ kind: 'ramped' });
  } catch (error) {
    tell({ kind: 'ramp-failed', reason: errorMessage(error) });
  }
}

/** Samples the sockets at the end of each bin, just inside it. */
function sampleEachBin(sampled: Subscribers, bins: TimeBins, index = 0): void {
  if (index >= bins.count) return;
  const endNs = bins.originNs + (index + 1) * bins.binNs;
  const timer = setTimeout(
    () => {
      sampled.sampleSockets(endNs - 1);
      sampleEachBin(sampled, bins, index + 1);
    },
    (endNs - monotonicNs()) / NS_PER_MS,
  );
  timer.unref();
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
    losses: subscribers.lossReasons,
  });
  subscribers.close();
}

function obey(command: WorkerCommand): void {
  switch (command.kind) {
    case 'ramp':
      void ramp(command.options);
      return;
    case 'record':
      if (subscribers === undefined) return;
      recorder = new Recorder(command.bins);
      subscribers.record(recorder);
      eventLoop.watch(command.windowStartNs, command.windowEndNs);
      sampleEachBin(subscribers, command.bins);
      return;
    case 'finish':
      finish(command.latest, command.deadlineNs);
      return;
    default:
      command satisfies never;
  }
}

process.on('message', obey);
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
