import type { ProcessRecord } from '../../scenarios/result/result.ts';
import { type ProcessSample, sampleProcesses } from './processes.ts';

export type WatchedProcess = Pick<ProcessRecord, 'role' | 'name' | 'pid' | 'cores'>;

export type WatchedUse = Pick<ProcessRecord, 'cpuNsPerBin' | 'rssBytesPerBin' | 'rssBytesBeforeRamp'>;

/** CPU and memory of the trial's processes, bin by bin, read from outside. */
export class ProcessWatch {
  readonly processes: readonly WatchedProcess[];
  readonly #cpuNsPerBin = new Map<number, number[]>();
  readonly #rssBytesPerBin = new Map<number, number[]>();
  #first: ReadonlyMap<number, ProcessSample> | undefined;
  #last: ReadonlyMap<number, ProcessSample> = new Map();

  constructor(processes: readonly WatchedProcess[]) {
    this.processes = processes;
  }

  /** Forgets what was used up to now; the first time is before the ramp. */
  async begin(): Promise<void> {
    this.#last = await this.#sample();
    this.#first ??= this.#last;
  }

  /** CPU time of all processes of `role` since `begin`, without ending anything. */
  async cpuNsSinceBegin(role: ProcessRecord['role']): Promise<number> {
    const now = await this.#sample();
    const ofRole = this.processes.filter((candidate) => candidate.role === role);
    return ofRole.reduce((sum, { pid }) => sum + this.#usedNs(pid, now), 0);
  }

  /** Closes bin `index`. */
  async endBin(index: number): Promise<void> {
    const now = await this.#sample();
    for (const { pid } of this.processes) {
      put(this.#cpuNsPerBin, pid, { index, value: this.#usedNs(pid, now) });
      put(this.#rssBytesPerBin, pid, { index, value: now.get(pid)?.rssBytes ?? 0 });
    }
    this.#last = now;
  }

  useOf(pid: number): WatchedUse {
    return {
      rssBytesBeforeRamp: this.#first?.get(pid)?.rssBytes ?? 0,
      cpuNsPerBin: this.#cpuNsPerBin.get(pid) ?? [],
      rssBytesPerBin: this.#rssBytesPerBin.get(pid) ?? [],
    };
  }

  async #sample(): Promise<ReadonlyMap<number, ProcessSample>> {
    return sampleProcesses(this.processes.map(({ pid }) => pid));
  }

  /** A thread that ended takes its account along, so a difference can come out below zero. */
  #usedNs(pid: number, now: ReadonlyMap<number, ProcessSample>): number {
    return Math.max(0, (now.get(pid)?.cpuNs ?? 0) - (this.#last.get(pid)?.cpuNs ?? 0));
  }
}

function put(table: Map<number, number[]>, pid: number, { index, value }: { index: number; value: number }): void {
  const values = table.get(pid) ?? [];
  values[index] = value;
  table.set(pid, values);
}
