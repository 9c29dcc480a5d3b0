import { monotonicNs } from '../../scenarios/clock.ts';
import { EventLoopMonitor } from '../../scenarios/measures/event-loop.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { Recorder, type TimeBins } from '../../scenarios/measures/recording.ts';
import { type BinClock, startBinClock } from '../machine/bin-clock.ts';
import { Subscribers } from './subscribers.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from './worker-messages.ts';

/** A load worker: holds sessions, records, audits. Started by the native generator; ends with its parent. */
const CHECK_EVERY_MS = 5;
const eventLoop = new EventLoopMonitor();
let subscribers: Subscribers | undefined;
let recorder: Recorder | undefined;
let sampler: SocketSampler | undefined;

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

/** Reads the sockets at the end of each bin; `end` takes the bin at hand, whose end may be a moment away. */
class SocketSampler {
  readonly #subscribers: Subscribers;
  readonly #bins: TimeBins;
  readonly #clock: BinClock;
  #sampled = 0;

  constructor(sampled: Subscribers, bins: TimeBins) {
    this.#subscribers = sampled;
    this.#bins = bins;
    this.#clock = startBinClock(bins, (edge) => {
      if (edge > 0) this.#sample();
    });
  }

  end(): void {
    this.#clock.stop();
    if (this.#sampled < this.#bins.count) this.#sample();
  }

  #sample(): void {
    this.#sampled += 1;
    this.#subscribers.sampleSockets(this.#bins.originNs + this.#sampled * this.#bins.binNs - 1);
  }
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
    case 'ramp':
      void ramp(command.options);
      return;
    case 'record':
      if (subscribers === undefined) return;
      recorder = new Recorder(command.bins);
      subscribers.record(recorder);
      eventLoop.watch(command.windowStartNs, command.windowEndNs);
      sampler = new SocketSampler(subscribers, command.bins);
      return;
    case 'finish':
      // Before the wait for the last deliveries, whose bytes belong to no bin.
      sampler?.end();
      finish(command.latest, command.deadlineNs);
      return;
    default:
      command satisfies never;
  }
}

process.on('message', obey);
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
