import { fileURLToPath } from 'node:url';
import { Failure } from '../../scenarios/failures.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import type { GeneratorContext, GeneratorReport, GeneratorRun, OpenGenerator, WindowTiming } from '../generator.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from './worker-messages.ts';

const PROGRAM = fileURLToPath(new URL('worker-process.ts', import.meta.url));

type Worker = Child<WorkerCommand, WorkerReport>;

export const openGenerator: OpenGenerator = async (context) => {
  const workers = Array.from({ length: context.processes }, (_, index) => startWorker(context, index));
  context.cleanup.defer(async () => {
    await Promise.all(workers.map(async (worker) => worker.kill()));
  });
  await Promise.all(workers.map(async (worker) => worker.next('ready')));
  return new NativeRun(context, workers);
};

class NativeRun implements GeneratorRun {
  readonly #context: GeneratorContext;
  readonly #workers: readonly Worker[];

  constructor(context: GeneratorContext, workers: readonly Worker[]) {
    this.#context = context;
    this.#workers = workers;
  }

  get processes(): readonly Worker[] {
    return this.#workers;
  }

  async ramp(): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker, index) => {
        worker.send({ kind: 'ramp', options: workerOptions(this.#context, index) });
        const answer = await Promise.race([worker.next('ramped'), worker.next('ramp-failed')]);
        if (answer.kind === 'ramp-failed')
          throw new Failure('ramp-failed', `the clients could not all connect: ${answer.reason}`);
      }),
    );
  }

  record(timing: WindowTiming): void {
    for (const worker of this.#workers) worker.send({ kind: 'record', ...timing });
  }

  async finish(latest: number, deadlineNs: number): Promise<readonly GeneratorReport[]> {
    return Promise.all(
      this.#workers.map(async (worker) => {
        worker.send({ kind: 'finish', latest, deadlineNs });
        return worker.next('report');
      }),
    );
  }
}

function startWorker(context: GeneratorContext, index: number): Worker {
  const core = context.cores[index % Math.max(1, context.cores.length)];
  return startChild<WorkerCommand, WorkerReport>(
    {
      name: `worker ${index + 1}`,
      command: nodeProgram(PROGRAM),
      host: context.host,
      cores: core === undefined ? [] : [core],
    },
    context.onTrouble,
  );
}

/** Client i goes to node i mod nodes, polls at phase i/clients of the interval, and lives in worker i mod workers. */
function workerOptions(context: GeneratorContext, index: number): WorkerOptions {
  const { clients, processes, targets, poll } = context;
  const mine = Array.from({ length: clients }, (_, client) => client).filter((client) => client % processes === index);
  return {
    transport: context.transport,
    values: context.values,
    pollIntervalNs: poll.intervalNs,
    sessions: mine.flatMap((client) => {
      const target = targets[client % targets.length];
      return target === undefined
        ? []
        : [{ target, pollOriginNs: Math.round(poll.originNs + (client / clients) * poll.intervalNs) }];
    }),
  };
}
