import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { TimeBins } from '../../scenarios/measures/recording.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import { atLeisure } from '../machine/placement.ts';
import { CounterReadings } from './counter-readings.ts';
import { sampleProcesses } from './processes.ts';
import type { PerBin, YardstickCommand, YardstickReport } from './yardstick-messages.ts';

/** How long the fixed work took, by core and bin. */
export type CoreSpeeds = NonNullable<MeasuredTrial['machine']>['yardstick'];

/** A core that had no time for it to answer has nothing to report. */
const PATIENCE_MS = 300;

/**
 * A core is not equally fast in each second: its clock changes, and what others do on its second half slows it, with no
 * steal shown. How long it takes for always the same work tells. A process pinned to each core measures it, and only while
 * nothing else wants to run there.
 */
export class Yardstick {
  readonly #children: readonly Child<YardstickCommand, YardstickReport>[];
  readonly #cpu = new CounterReadings();

  /** Starts one for each of these cores, for which nobody waits; `cleanup` takes their ends. */
  constructor(cores: readonly number[], cleanup: AsyncDisposableStack, priority = atLeisure()) {
    this.#children = cores.map((core) => startOn(core, priority));
    // Not waited for: on a core that is full, a process that gives way to all others takes long to end.
    cleanup.defer(() => {
      for (const child of this.#children) void child.kill();
    });
  }

  record(bins: TimeBins): void {
    for (const child of this.#children) child.send({ kind: 'record', bins });
  }

  /** What it used up to now, which is none of the trial's and none of other programs'. */
  async read(): Promise<void> {
    const atNs = monotonicNs();
    const samples = await sampleProcesses(this.#children.map(({ pid }) => pid));
    this.#cpu.add(
      atNs,
      [...samples.values()].reduce((sum, { cpuNs }) => sum + cpuNs, 0),
    );
  }

  cpuNsPerBin(bins: TimeBins): number[] {
    return this.#cpu.perBin(bins);
  }

  /** Of each core that answers; null where none does, or none was asked. */
  async measured(): Promise<CoreSpeeds> {
    const answers = await Promise.all(
      this.#children.map(async (child) => ({ core: child.cores[0], perBinNs: await answerOf(child) })),
    );
    const told = answers.flatMap(({ core, perBinNs }) =>
      core === undefined || perBinNs === undefined ? [] : [{ core, perBinNs: [...perBinNs] }],
    );
    return told.length === 0 ? null : told;
  }
}

function startOn(core: number, priority: readonly string[]): Child<YardstickCommand, YardstickReport> {
  return startChild<YardstickCommand, YardstickReport>(
    {
      name: `yardstick of core ${core}`,
      command: [...priority, ...nodeProgram(fileURLToPath(new URL('yardstick-process.ts', import.meta.url)))],
      host: { address: '', enter: [] },
      cores: [core],
    },
    // The trial goes on without it, and has no figure for this core.
    () => undefined,
  );
}

async function answerOf(child: Child<YardstickCommand, YardstickReport>): Promise<PerBin | undefined> {
  const answer = child.next('measured');
  child.send({ kind: 'report' });
  return Promise.race([answer.then(({ perBinNs }) => perBinNs), setTimeout(PATIENCE_MS, undefined, { ref: false })]);
}
