import { monotonicNs } from '../../scenarios/clock.ts';
import type { CounterId } from '../../scenarios/measures/metrics.ts';
import type { Recording, TimeBins } from '../../scenarios/measures/recording.ts';
import { busyNs, readCoreTime } from './core-time.ts';
import { CounterReadings } from './counter-readings.ts';
import type { UpstreamCounters, WireCounters } from '../machine/network.ts';
import { ownCpuNs } from './processes.ts';
import { ThrottlingReader } from './throttling.ts';

export interface WatchedMachine {
  readonly readWire: (() => WireCounters) | undefined;
  /** Between a balancer and nodes. */
  readonly readUpstream?: (() => UpstreamCounters) | undefined;
  /** Those on which anything of the trial runs. */
  readonly cores: readonly number[];
}

/** The counters of wire and machine, read at the edges of bins: what crossed, and what else was going on. */
export class MachineWatch {
  readonly #machine: WatchedMachine;
  readonly #throttling = new ThrottlingReader();
  readonly #counters = new Map<CounterId, CounterReadings>();

  constructor(machine: WatchedMachine) {
    this.#machine = machine;
  }

  read(): void {
    this.#readWire();
    this.#readUpstream();
    const coreTime = readCoreTime();
    const atNs = monotonicNs();
    if (coreTime !== null) {
      this.#add('stolenTime', atNs, coreTime.stolenNs);
      this.#add('coresBusy', atNs, busyNs(coreTime, this.#machine.cores, atNs));
    }
    this.#add('coordinatorCpu', atNs, ownCpuNs());
    this.#add('throttledTime', atNs, this.#throttling.read());
  }

  /** Whether the system tells of it. */
  hasSeen(id: CounterId): boolean {
    return this.#counters.get(id)?.seen ?? false;
  }

  recording(bins: TimeBins): Recording {
    const tables = [...this.#counters].map(([id, readings]) => [id, readings.perBin(bins)] as const);
    return Array.from({ length: bins.count }, (_, bin) => ({
      histograms: {},
      gauges: {},
      counters: Object.fromEntries(tables.map(([id, perBin]) => [id, perBin[bin] ?? 0])),
    }));
  }

  #readWire(): void {
    const wire = this.#machine.readWire?.();
    if (wire === undefined) return;
    const atNs = monotonicNs();
    this.#add('wireBytesDown', atNs, wire.bytesDown);
    this.#add('wireBytesUp', atNs, wire.bytesUp);
    this.#add('wirePacketsDown', atNs, wire.packetsDown);
    this.#add('wirePacketsUp', atNs, wire.packetsUp);
    this.#add('backplaneBytes', atNs, wire.backplaneBytes);
  }

  #readUpstream(): void {
    const upstream = this.#machine.readUpstream?.();
    if (upstream === undefined) return;
    const atNs = monotonicNs();
    this.#add('balancerBytesDown', atNs, upstream.bytesDown);
    this.#add('balancerBytesUp', atNs, upstream.bytesUp);
    this.#add('balancerConnections', atNs, upstream.connections);
  }

  #add(id: CounterId, atNs: number, value: number | null): void {
    if (value === null) return;
    const readings = this.#counters.get(id) ?? new CounterReadings();
    readings.add(atNs, value);
    this.#counters.set(id, readings);
  }
}
