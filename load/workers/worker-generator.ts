import { fileURLToPath } from 'node:url';
import { RHYTHM_CYCLE } from '../../scenarios/asking/rhythm.ts';
import { FEED_CHANNEL } from '../../scenarios/feed/channels.ts';
import { isAddressed, isSaidByClients, roomsOf } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { userName } from '../../scenarios/feed/script.ts';
import { Failure } from '../../scenarios/failures.ts';
import type { SessionMember } from '../../servers/transport.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import type {
  GeneratorContext,
  GeneratorReport,
  GeneratorRun,
  GeneratorTalk,
  NodePresence,
  OpenGenerator,
  Target,
  WindowTiming,
} from '../generator.ts';
import type { Spoken } from '../subscribers/spoken.ts';
import { presencePatienceNs } from './presence.ts';
import type { WorkerCommand, WorkerOptions, WorkerReport } from './worker-messages.ts';

type Worker = Child<WorkerCommand, WorkerReport>;

interface WorkerKind {
  /** Its sessions live in processes that it starts: one worker is enough, with all of them on all cores of the generator. */
  readonly hasProcesses?: true | undefined;
}

const STOP_MS = 3000;

/** A generator whose processes run `program`, which calls `liveAsWorker`. */
export function workerGenerator(program: URL, kind: WorkerKind = {}): OpenGenerator {
  return async (context) => openWorkers(fileURLToPath(program), context, kind);
}

async function openWorkers(
  program: string,
  given: GeneratorContext,
  { hasProcesses }: WorkerKind,
): Promise<GeneratorRun> {
  const context = hasProcesses === true ? { ...given, processes: 1 } : given;
  const { cores } = context;
  const workers = Array.from({ length: context.processes }, (_, index) =>
    startWorker(program, context, hasProcesses === true ? { name: 'worker', cores } : placeOf(context, index)),
  );
  context.cleanup.defer(async () => {
    // What it has started, it ends.
    await Promise.all(workers.map(async (worker) => (hasProcesses === true ? worker.stop(STOP_MS) : worker.kill())));
  });
  const making = membersOf(context);
  await Promise.all(
    workers.map(async (worker, index) => {
      await worker.next('ready');
      worker.send({ kind: 'load', transport: context.transport, values: context.values });
      const [targets, members] = await Promise.all([context.targets, making]);
      worker.onReport((report) => {
        if (report.kind === 'halted') context.onHalt?.(new Failure(report.code, report.message));
      });
      const prepared = worker.next('prepared');
      worker.send({ kind: 'prepare', options: workerOptions(context, { index, targets, members }) });
      await prepared;
    }),
  );
  const talk = isSaidByClients(context.feed.feed) ? new WorkersTalk(workers, context) : undefined;
  return new WorkerRun(workers, { talk, hasProcesses });
}

class WorkerRun implements GeneratorRun {
  readonly #workers: readonly Worker[];
  readonly processes: GeneratorRun['processes'];
  readonly talk?: WorkersTalk;

  constructor(
    workers: readonly Worker[],
    { talk, hasProcesses }: WorkerKind & { readonly talk: WorkersTalk | undefined },
  ) {
    this.#workers = workers;
    this.processes = workers.map(({ name, pid, cores }) => ({
      name,
      pid,
      cores,
      withDescendants: hasProcesses === true,
    }));
    if (talk !== undefined) this.talk = talk;
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
    this.talk?.begin();
    await Promise.all(
      this.#workers.map(async (worker) => {
        const recording = worker.next('recording');
        worker.send({ kind: 'record', ...timing });
        await recording;
      }),
    );
  }

  async finish(latest: number, deadlineNs: number, spoken?: Spoken): Promise<readonly GeneratorReport[]> {
    return Promise.all(
      this.#workers.map(async (worker) => {
        worker.send({ kind: 'finish', latest, deadlineNs, spoken });
        return worker.next('report');
      }),
    );
  }
}

/** A conversation between the clients of all workers. */
class WorkersTalk implements GeneratorTalk {
  readonly #workers: readonly Worker[];
  readonly #context: GeneratorContext;
  #parts: Promise<readonly SpokenPart[]> = Promise.resolve([]);

  constructor(workers: readonly Worker[], context: GeneratorContext) {
    this.#workers = workers;
    this.#context = context;
  }

  /** Before it is recorded: a short one may be over before anybody asks. */
  begin(): void {
    this.#parts = Promise.all(this.#workers.map(async (worker) => worker.next('spoken')));
  }

  async spoken(): Promise<Spoken> {
    const parts = await this.#parts;
    return parts.flatMap(({ spoken }) => spoken);
  }

  hush(): void {
    for (const worker of this.#workers) worker.send({ kind: 'hush' });
  }

  async presence(): Promise<readonly NodePresence[]> {
    const [first] = this.#workers;
    if (first === undefined) return [];
    const parts = await this.#parts;
    const lost = new Set(parts.flatMap((part) => part.lost));
    const clients = Array.from({ length: this.#context.clients }, (_, client) => client);
    const users = clients.filter((client) => !lost.has(client)).map(userName);
    const seen = first.next('presence');
    const { targets, noticedWithinMs } = this.#context;
    const patienceNs = presencePatienceNs(lost.size, noticedWithinMs);
    first.send({ kind: 'ask-presence', question: { targets: await targets, users, patienceNs } });
    return (await seen).seen.map((node) => ({ ...node, connected: users.length }));
  }
}

type SpokenPart = Extract<WorkerReport, { kind: 'spoken' }>;

/** One of those that share the cores, each with its own. */
function placeOf({ cores }: GeneratorContext, index: number): Pick<Worker, 'name' | 'cores'> {
  const core = cores[index % Math.max(1, cores.length)];
  return { name: `worker ${index + 1}`, cores: core === undefined ? [] : [core] };
}

function startWorker(program: string, context: GeneratorContext, place: Pick<Worker, 'name' | 'cores'>): Worker {
  const { host, onTrouble } = context;
  return startChild<WorkerCommand, WorkerReport>({ ...place, command: nodeProgram(program), host }, onTrouble);
}

interface WorkerPlace {
  readonly index: number;
  readonly targets: readonly Target[];
  /** By client. */
  readonly members: readonly (SessionMember | undefined)[];
}

/**
 * Client i goes to node i mod nodes, polls at phase i/clients of the interval, and lives in worker i mod workers. Clients that do not
 * ask at every point of their grid are at different places of their rhythm.
 */
function workerOptions(context: GeneratorContext, { index, targets, members }: WorkerPlace): WorkerOptions {
  const { clients, processes, poll } = context;
  const mine = Array.from({ length: clients }, (_, client) => client).filter((client) => client % processes === index);
  return {
    transport: context.transport,
    values: context.values,
    pollIntervalNs: poll.intervalNs,
    feed: context.feed,
    foreign: context.foreign,
    targets,
    sessions: mine.flatMap((client) => {
      const target = targets[client % targets.length];
      const member = members[client];
      if (target === undefined) return [];
      const place = client / clients + (client % RHYTHM_CYCLE);
      const pollOriginNs = Math.round(poll.originNs + place * poll.intervalNs);
      return [{ client, target, pollOriginNs, ...(member !== undefined && { member }) }];
    }),
  };
}

/** Who each client is; whoever only listens is nobody, unless servers want to know. */
async function membersOf(context: GeneratorContext): Promise<readonly (SessionMember | undefined)[]> {
  const clients = Array.from({ length: context.clients }, (_, client) => client);
  return Promise.all(clients.map(async (client) => memberOf(context, client)));
}

async function memberOf(
  { feed: { feed }, issueToken }: GeneratorContext,
  client: number,
): Promise<SessionMember | undefined> {
  const user = userName(client);
  const token = issueToken === undefined ? {} : { token: await issueToken(user) };
  if (isAddressed(feed)) return { user, channels: roomsOf(feed, client), ...token };
  return issueToken === undefined ? undefined : { user, channels: [FEED_CHANNEL], ...token };
}
