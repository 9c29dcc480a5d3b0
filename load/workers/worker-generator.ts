import { fileURLToPath } from 'node:url';
import { Failure } from '../../scenarios/failures.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import type {
  GeneratorContext,
  GeneratorReport,
  GeneratorRun,
  OpenGenerator,
  Target,
  WindowTiming,
} from '../generator.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from './worker-messages.ts';

type Worker = Child<WorkerCommand, WorkerReport>;

/** A generator whose processes run `program`, which calls `liveAsWorker`. */
export function workerGenerator(program: URL): OpenGenerator {
  return async (context) => openWorkers(fileURLToPath(program), context);
}

async function openWorkers(program: string, context: GeneratorContext): Promise<GeneratorRun> {
  const workers = Array.from({ length: context.processes }, (_, index) => startWorker(program, context, index));
  context.cleanup.defer(async () => {
    await Promise.all(workers.map(async (worker) => worker.kill()));
  });
  await Promise.all(
    workers.map(async (worker, index) => {
      await worker.next('ready');
      worker.send({ kind: 'load', transport: context.transport });
      const targets = await context.targets;
      const prepared = worker.next('prepared');
      worker.send({ kind: 'prepare', options: workerOptions(context, { index, targets }) });
      await prepared;
    }),
  );
  return new WorkerRun(workers);
}

class WorkerRun implements GeneratorRun {
  readonly #workers: readonly Worker[];

  constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  get processes(): readonly Worker[] {
    return this.#workers;
  }

  async ramp(): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        worker.send({ kind: 'ramp' });
        const answer = await Promise.race([worker.next('ramped'), worker.next('ramp-failed')]);
        if (answer.kind === 'ramp-failed')
          throw new Failure(
            'ramp-failed',
            `the clients could not all connect: ${answer.reason}; try fewer clients or more nodes`,
          );
      }),
    );
  }

  async record(timing: WindowTiming): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        const recording = worker.next('recording');
        worker.send({ kind: 'record', ...timing });
        await recording;
      }),
    );
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

function startWorker(program: string, context: GeneratorContext, index: number): Worker {
  const core = context.cores[index % Math.max(1, context.cores.length)];
  return startChild<WorkerCommand, WorkerReport>(
    {
      name: `worker ${index + 1}`,
      command: nodeProgram(program),
      host: context.host,
      cores: core === undefined ? [] : [core],
    },
    context.onTrouble,
  );
}

/** Client i goes to node i mod nodes, polls at phase i/clients of the interval, and lives in worker i mod workers. */
function workerOptions(
  context: GeneratorContext,
  { index, targets }: { readonly index: number; readonly targets: readonly Target[] },
): WorkerOptions {
  const { clients, processes, poll } = context;
  const mine = Array.from({ length: clients }, (_, client) => client).filter((client) => client % processes === index);
  return {
    transport: context.transport,
    values: context.values,
    pollIntervalNs: poll.intervalNs,
    feed: context.feed,
    targets,
    sessions: mine.flatMap((client) => {
      const target = targets[client % targets.length];
      return target === undefined
        ? []
        : [{ client, target, pollOriginNs: Math.round(poll.originNs + (client / clients) * poll.intervalNs) }];
    }),
  };
}
