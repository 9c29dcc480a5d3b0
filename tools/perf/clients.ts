import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { mergeRecordings, type TimeBins } from '../../scenarios/measures/recording.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import type { GeneratorRun } from '../../load/generator.ts';
import { placeProcesses } from '../../load/machine/placement.ts';
import { GENERATORS } from '../../load/registry.ts';
import { sampleProcesses } from '../../load/watch/processes.ts';
import { type FeedNode, openNode } from '../../servers/node/node.ts';
import type { TransportId } from '../../servers/registry.ts';
import type { Aim, Tell, Turn } from './comparison.ts';

/** The native client of a transport against the library that people take for it. */
interface Contest {
  readonly transport: TransportId;
  readonly values: DimensionValues;
  readonly library: string;
  /** So many that the slower of the two uses half a core or so, and a read finds one message, as in a feed. */
  readonly messagesPerSecond: number;
  readonly aim?: Aim;
}

const CONTESTS: readonly Contest[] = [
  { transport: 'websocket', values: {}, library: 'ws', messagesPerSecond: 60, aim: { atLeast: 1 } },
  {
    transport: 'websocket',
    values: { compression: 'deflate' },
    library: 'ws',
    messagesPerSecond: 20,
    aim: { atLeast: 1 },
  },
  { transport: 'socketio', values: {}, library: 'socket.io-client', messagesPerSecond: 60, aim: { atLeast: 3 } },
  {
    transport: 'socketio',
    values: { shape: 'polling' },
    library: 'socket.io-client',
    messagesPerSecond: 10,
    aim: { atLeast: 10 },
  },
  { transport: 'sse', values: {}, library: 'eventsource', messagesPerSecond: 40 },
  { transport: 'long-polling', values: {}, library: 'undici', messagesPerSecond: 15 },
];

const CLIENTS = 200;
const TURNS = 3;
/** So many messages both are left to warm up: before, what compiles them costs more than what they do. */
const WARM_UP_MESSAGES = 30_000;
const LEAST_WARM_UP_BINS = 4;
const WINDOW_BINS = 3;
const LEAD_MS = 200;
const PATIENCE_MS = 5000;

type Client = 'native' | 'library';

interface Feed {
  readonly feed: { readonly kind: 'fixed'; readonly messagesPerSecond: number };
  readonly payload: { readonly kind: 'stock-prices'; readonly bytes: 200 };
  readonly seed: number;
  readonly durationNs: number;
  readonly messages: number;
}

/** Each client as the generator that it belongs to: in its worker process, with audit and histograms. */
export async function measure(tell: Tell): Promise<void> {
  for (const contest of CONTESTS) {
    const turns: Turn[] = [];
    for (let turn = 0; turn < TURNS; turn++)
      turns.push({
        ours: await messagesPerCpuSecond(contest, 'native'),
        theirs: await messagesPerCpuSecond(contest, 'library'),
      });
    const { library, aim } = contest;
    const question = `messages that a client takes: ${nameOf(contest)}, ${CLIENTS} clients`;
    const told = { question, unit: 'a CPU-second', ours: 'native', theirs: library, turns };
    tell(aim === undefined ? told : { ...told, aim });
  }
}

function nameOf({ transport, values }: Contest): string {
  return [transport, ...Object.values(values)].join(' ');
}

async function messagesPerCpuSecond(contest: Contest, client: Client): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const { transport, values, messagesPerSecond } = contest;
  const node = await openNode({ transports: [transport], values });
  cleanup.defer(async () => node.close());
  const warmUpBins = Math.max(LEAST_WARM_UP_BINS, Math.ceil(WARM_UP_MESSAGES / (messagesPerSecond * CLIENTS)));
  const durationNs = (warmUpBins + WINDOW_BINS) * NS_PER_SECOND;
  const feed: Feed = {
    feed: { kind: 'fixed', messagesPerSecond },
    payload: { kind: 'stock-prices', bytes: 200 },
    seed: 1,
    durationNs,
    messages: messagesPerSecond * (warmUpBins + WINDOW_BINS),
  };
  const { openGenerator } = await GENERATORS[client].load();
  const generator = await openGenerator({
    transport,
    host: { address: '127.0.0.1', enter: [] },
    cores: placeProcesses().generator.slice(0, 1),
    processes: 1,
    clients: CLIENTS,
    targets: Promise.resolve([{ host: '127.0.0.1', port: node.port }]),
    values: { headers: 'minimal', ...values },
    poll: { originNs: monotonicNs(), intervalNs: NS_PER_SECOND },
    feed,
    noticedWithinMs: 60_000,
    cleanup,
    onTrouble: (error) => {
      throw error;
    },
  });
  await generator.ramp();
  return await measureWindow(generator, { node, feed, warmUpBins });
}

async function measureWindow(
  generator: GeneratorRun,
  { node, feed, warmUpBins }: { node: FeedNode; feed: Feed; warmUpBins: number },
): Promise<number> {
  const count = warmUpBins + WINDOW_BINS;
  const bins: TimeBins = { originNs: monotonicNs() + LEAD_MS * NS_PER_MS, binNs: NS_PER_SECOND, count };
  const windowStartNs = bins.originNs + warmUpBins * NS_PER_SECOND;
  await generator.record({ bins, windowStartNs, windowEndNs: bins.originNs + feed.durationNs });
  const published = publish(node, feed, bins.originNs);
  await until(windowStartNs);
  const beforeNs = await cpuNs(generator);
  await published;
  const reports = await generator.finish(feed.messages, monotonicNs() + PATIENCE_MS * NS_PER_MS);
  const usedNs = (await cpuNs(generator)) - beforeNs;
  for (const { audit } of reports)
    if (audit.lost !== 0 || audit.misplaced !== 0) throw new Error(`not every message came: ${JSON.stringify(audit)}`);
  const counted = mergeRecordings(reports.map(({ recording }) => recording));
  const inWindow = counted.slice(warmUpBins).reduce((sum, { counters }) => sum + (counters.deliveries ?? 0), 0);
  return inWindow / (usedNs / NS_PER_SECOND);
}

async function publish(node: FeedNode, feed: Feed, originNs: number): Promise<void> {
  for (const [index, offsetNs] of dueOffsetsNs(feed.feed, feed.durationNs, feed.seed).entries()) {
    const dueNs = originNs + offsetNs;
    await until(dueNs);
    await node.backplane.append(encodeBody(dueNs, monotonicNs(), payloadData(feed.payload, feed.seed, index)));
  }
}

async function until(atNs: number): Promise<void> {
  await setTimeout(Math.max(0, Math.ceil((atNs - monotonicNs()) / NS_PER_MS)));
}

async function cpuNs({ processes }: GeneratorRun): Promise<number> {
  const samples = await sampleProcesses(processes.map(({ pid }) => pid));
  return [...samples.values()].reduce((sum, sample) => sum + sample.cpuNs, 0);
}
