import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CeilingPoint, MeasuredPoint } from '../../scenarios/result/ceiling.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Failure } from '../../scenarios/failures.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import type { Payload } from '../../scenarios/feed/workload.ts';
import { openIngestClient } from '../../servers/ingest/client.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import { type GeneratorId, generatorRow } from '../registry.ts';
import { Guard } from '../machine/guard.ts';
import type { Network } from '../machine/network.ts';
import { sampleProcesses } from '../watch/processes.ts';
import { openScratch } from '../machine/scratch.ts';
import { openServers, type ServerSide } from '../fleet/server-side.ts';
import type { Surroundings } from '../trial-spec.ts';
import type { PlannedVariant } from '../variants.ts';
import type { CeilingCommand, CeilingReport } from './ceiling-messages.ts';

export interface PointSpec {
  readonly generator: GeneratorId;
  readonly variant: PlannedVariant;
  readonly connections: number;
  readonly waiting: number;
  readonly payload: Payload;
  readonly windowNs: number;
}

type Asker = Child<CeilingCommand, CeilingReport>;

/** What the log holds before anybody asks. */
const MESSAGES = 20;
/** Asking begins so long before it counts. */
const WARM_UP_NS = NS_PER_SECOND;
const PATIENCE_MS = 20_000;

/**
 * One point of the sweep, with fresh processes. What the world does wrong is in the point, not thrown; undefined where it
 * was stopped, because half a window is no point.
 */
export async function measurePoint(
  spec: PointSpec,
  surroundings: Omit<Surroundings, 'onPhase'>,
): Promise<CeilingPoint | undefined> {
  const { generator, variant, connections, waiting } = spec;
  const point = { generator, backplane: variant.backplane, nodes: nodesOf(variant), connections, waiting };
  try {
    return { state: 'measured', ...point, windowNs: spec.windowNs, ...(await perform(spec, surroundings)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'interrupted') return undefined;
    return { state: 'failed', ...point, code: error.code, message: error.message };
  }
}

type Seen = Pick<MeasuredPoint, 'answers' | 'errors' | 'latency' | 'serverCpuNs' | 'generatorCpuNs'>;

async function perform(spec: PointSpec, surroundings: Omit<Surroundings, 'onPhase'>): Promise<Seen> {
  await using cleanup = new AsyncDisposableStack();
  const scratch = await openScratch(cleanup);
  const guard = new Guard();
  cleanup.defer(guard.endOn(surroundings.stop));
  const network = cleanup.use(await surroundings.openNetwork(spec.variant));
  const ingest = join(scratch, 'ingest');
  const servers = await openServers(spec.variant, { ...surroundings, network, guard, cleanup, scratch, ingest });
  const asker = startAsker(spec, { surroundings, network, guard, cleanup });
  await guard.wait(asker.next('ready'), limit('a load generator did not start'));
  await guard.wait(fillLog(ingest, spec.payload), limit('the node took no messages'));
  return await ask(spec, { servers, asker, guard });
}

function limit(message: string): Parameters<Guard['wait']>[1] {
  return { ms: PATIENCE_MS, code: 'trial-stalled', message: `${message} within ${PATIENCE_MS / 1000} s` };
}

interface AskerPlace {
  readonly surroundings: Omit<Surroundings, 'onPhase'>;
  readonly network: Network;
  readonly guard: Guard;
  readonly cleanup: AsyncDisposableStack;
}

function startAsker({ generator }: PointSpec, { surroundings, network, guard, cleanup }: AskerPlace): Asker {
  const { ceiling, label } = generatorRow(generator);
  if ('cannot' in ceiling) throw new Failure('usage', `${label} measures no ceiling: ${ceiling.cannot}`);
  const asker: Asker = startChild(
    {
      name: label,
      command: nodeProgram(fileURLToPath(ceiling.program)),
      host: network.clientHost,
      cores: surroundings.placement.generator,
    },
    guard.report,
  );
  cleanup.defer(async () => asker.kill());
  asker.onReport((report) => {
    if (report.kind === 'failed') guard.report(new Failure('process-died', `${label}: ${report.message}`));
  });
  return asker;
}

/** Resolves when every message has its number. */
async function fillLog(ingest: string, payload: Payload): Promise<void> {
  const taken = Promise.withResolvers<void>();
  let count = 0;
  const client = await openIngestClient(ingest, {
    onAnswer: (answer) => {
      if (typeof answer !== 'number') taken.reject(answer);
      count += 1;
      if (count === MESSAGES) taken.resolve();
    },
    onClose: () => taken.reject(new Failure('process-died', 'the node closed its ingest socket; run again')),
  });
  for (let index = 0; index < MESSAGES; index++) {
    const nowNs = monotonicNs();
    client.send(encodeBody(nowNs, nowNs, payloadData(payload, 1, index)));
  }
  await taken.promise;
  client.close();
}

async function ask(
  spec: PointSpec,
  { servers, asker, guard }: { servers: ServerSide; asker: Asker; guard: Guard },
): Promise<Seen> {
  const windowStartNs = monotonicNs() + WARM_UP_NS;
  const windowEndNs = windowStartNs + spec.windowNs;
  const asked = asker.next('asked');
  asker.send({
    kind: 'ask',
    targets: servers.nodes.targets,
    connections: spec.connections,
    since: MESSAGES - spec.waiting,
    values: spec.variant.values,
    windowStartNs,
    windowEndNs,
  });
  const serverPids = [...servers.nodes.children, ...(servers.redis === undefined ? [] : [servers.redis.child])].map(
    ({ pid }) => pid,
  );
  const usage = async (): Promise<{ server: number; generator: number }> => ({
    server: await cpuNs(serverPids),
    generator: await cpuNs([asker.pid]),
  });
  await waitUntil(windowStartNs, guard);
  const before = await usage();
  await waitUntil(windowEndNs, guard);
  const after = await usage();
  const { answers, errors, latency } = await guard.wait(asked, limit('a load generator did not report'));
  return {
    answers,
    errors,
    latency: summarise(Histogram.from(latency)),
    serverCpuNs: after.server - before.server,
    generatorCpuNs: after.generator - before.generator,
  };
}

async function waitUntil(dueNs: number, guard: Guard): Promise<void> {
  const ms = (dueNs - monotonicNs()) / NS_PER_MS;
  await guard.wait(setTimeout(ms), { ...limit('a window did not end'), ms: ms + PATIENCE_MS });
}

async function cpuNs(pids: readonly number[]): Promise<number> {
  const samples = await sampleProcesses(pids);
  return [...samples.values()].reduce((sum, sample) => sum + sample.cpuNs, 0);
}

function summarise(histogram: Histogram): MeasuredPoint['latency'] {
  const at = (percentile: number): number => (histogram.count === 0 ? 0 : histogram.percentileNs(percentile));
  return {
    meanNs: histogram.count === 0 ? 0 : histogram.meanNs,
    p50Ns: at(50),
    p90Ns: at(90),
    p99Ns: at(99),
    maxNs: histogram.maxNs,
  };
}
