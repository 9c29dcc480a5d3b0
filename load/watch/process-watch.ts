import { monotonicNs } from '../../scenarios/clock.ts';
import type { TimeBins } from '../../scenarios/measures/recording.ts';
import type { ProcessRecord } from '../../scenarios/result/result.ts';
import { CounterReadings } from './counter-readings.ts';
import { sampleFamilies } from './families.ts';
import { type ProcessSample, sampleProcesses } from './processes.ts';

export type WatchedProcess = Pick<ProcessRecord, 'role' | 'name' | 'pid' | 'cores'>;

export type WatchedUse = Pick<ProcessRecord, 'cpuNsPerBin' | 'waitNsPerBin' | 'rssBytesPerBin' | 'rssBytesBeforeRamp'>;

type Samples = ReadonlyMap<number, ProcessSample>;

interface Use {
  readonly cpu: CounterReadings;
  readonly wait: CounterReadings;
  readonly rssBytesPerBin: number[];
  /** Another is in its place: it will not be seen again. */
  isReplaced: boolean;
}

function newUse(): Use {
  return { cpu: new CounterReadings(), wait: new CounterReadings(), rssBytesPerBin: [], isReplaced: false };
}

/** CPU, waiting and memory of the trial's processes, bin by bin, read from outside. */
export class ProcessWatch {
  readonly #processes: WatchedProcess[];
  readonly #uses: Map<number, Use>;
  readonly #families: ReadonlySet<number>;
  #beforeRamp: Samples = new Map();

  /** Of `families`, process ids among those, all that they have started is theirs. */
  constructor(processes: readonly WatchedProcess[], families: ReadonlySet<number> = new Set()) {
    this.#processes = [...processes];
    this.#families = families;
    this.#uses = new Map(processes.map(({ pid }) => [pid, newUse()]));
  }

  /** In the order in which they came; those that have ended, too. */
  get processes(): readonly WatchedProcess[] {
    return this.#processes;
  }

  /** One that has just been started in the place of another of its name; what it used until now, it used since a moment ago. */
  add(process: WatchedProcess): void {
    const use = newUse();
    for (const { name, pid } of this.#processes) {
      const other = this.#uses.get(pid);
      if (name === process.name && other !== undefined) other.isReplaced = true;
    }
    const nowNs = monotonicNs();
    use.cpu.add(nowNs, 0);
    use.wait.add(nowNs, 0);
    this.#processes.push(process);
    this.#uses.set(process.pid, use);
  }

  async beginRamp(): Promise<void> {
    this.#beforeRamp = await this.#sample();
  }

  /** CPU time of all processes of these roles since `beginRamp`. */
  async cpuNsOfRamp(roles: readonly ProcessRecord['role'][]): Promise<number> {
    const now = await this.#sample();
    const ofRoles = this.processes.filter(({ role }) => roles.includes(role));
    return ofRoles.reduce(
      (sum, { pid }) => sum + Math.max(0, (now.get(pid)?.cpuNs ?? 0) - (this.#beforeRamp.get(pid)?.cpuNs ?? 0)),
      0,
    );
  }

  /** Reads all of them now. A process that is not seen adds no reading: the next one covers the time. */
  async read(): Promise<void> {
    await this.#read();
  }

  /** The same, at the end of a bin: what is in memory then is the bin's. */
  async endBin(index: number): Promise<void> {
    const now = await this.#read();
    // Of one that is not seen this time, the level that was seen last.
    for (const [pid, { rssBytesPerBin, isReplaced }] of this.#uses) {
      const lastBytes = isReplaced ? 0 : (rssBytesPerBin[index - 1] ?? this.#rssBeforeRamp(pid));
      rssBytesPerBin[index] = now.get(pid)?.rssBytes ?? lastBytes;
    }
  }

  useOf(pid: number, bins: TimeBins): WatchedUse {
    const use = this.#uses.get(pid);
    const wasSeen = use?.cpu.seen === true;
    return {
      rssBytesBeforeRamp: this.#rssBeforeRamp(pid),
      cpuNsPerBin: wasSeen ? use.cpu.perBin(bins) : [],
      waitNsPerBin: use?.wait.seen === true ? use.wait.perBin(bins) : null,
      rssBytesPerBin: wasSeen
        ? Array.from(
            { length: Math.min(bins.count, use.rssBytesPerBin.length) },
            (_, bin) => use.rssBytesPerBin[bin] ?? 0,
          )
        : [],
    };
  }

  #rssBeforeRamp(pid: number): number {
    return this.#beforeRamp.get(pid)?.rssBytes ?? 0;
  }

  async #read(): Promise<Samples> {
    const atNs = monotonicNs();
    const now = await this.#sample();
    for (const [pid, { cpu, wait }] of this.#uses) {
      const sample = now.get(pid);
      if (sample === undefined) continue;
      cpu.add(atNs, sample.cpuNs);
      if (sample.waitNs !== null) wait.add(atNs, sample.waitNs);
    }
    return now;
  }

  async #sample(): Promise<Samples> {
    const pids = this.processes.map(({ pid }) => pid);
    if (this.#families.size === 0) return sampleProcesses(pids);
    const families = pids.filter((pid) => this.#families.has(pid));
    const others = await sampleProcesses(pids.filter((pid) => !this.#families.has(pid)));
    return new Map([...others, ...(await sampleFamilies(families))]);
  }
}
