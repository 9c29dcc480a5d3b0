import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { encodeBody, encodeMessage, HeaderReader } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { type Arrival, SubscriberAudit } from '../../load/subscribers/audit.ts';
import { Expectation } from '../../load/subscribers/expectation.ts';
import { FrameReader } from '../../servers/wire/frames.ts';
import { compareScripts } from './perf-k6.ts';
import { printText } from '../../cli/terminal.ts';

/**
 * What feedbench itself costs, each as a ratio to the obvious way, both measured in this run, in turns: absolute times
 * drift from one run to the next, ratios much less.
 */
interface Contest {
  readonly question: string;
  readonly ours: { readonly name: string; readonly run: (rounds: number) => void };
  readonly theirs: { readonly name: string; readonly run: (rounds: number) => void };
}

const ROUNDS = 50_000;
const TURNS = 9;

const payload = { kind: 'stock-prices', bytes: 200 } as const;
const message = encodeMessage(123_456, encodeBody(5e15, 5e15 + 4e4, payloadData(payload, 1, 0)));
const frame = Buffer.concat([Buffer.from([0x81, 126, message.length >> 8, message.length & 0xff]), message]);
const chunk = Buffer.concat(Array.from({ length: 20 }, () => frame));

let sink = 0;

function readHeaders(rounds: number): void {
  const reader = new HeaderReader();
  for (let round = 0; round < rounds; round++) {
    reader.read(message);
    sink += reader.dueNs;
  }
}

function parseJson(rounds: number): void {
  for (let round = 0; round < rounds; round++) sink += (JSON.parse(message.toString()) as { dueNs: number }).dueNs;
}

const planned = {
  feed: { kind: 'fixed', messagesPerSecond: 20 },
  payload,
  seed: 1,
  durationNs: 10 * NS_PER_SECOND,
  messages: 200,
} as const;
const ORIGIN_NS = 5e15;
const feed = dueOffsetsNs(planned.feed, planned.durationNs, planned.seed).map((offsetNs, index) =>
  encodeMessage(
    index + 1,
    encodeBody(ORIGIN_NS + offsetNs, ORIGIN_NS + offsetNs + 4e4, payloadData(payload, planned.seed, index)),
  ),
);

/** As many subscribers as it takes get the whole feed, one message after the other. */
function audit(rounds: number, arrivalOf: (header: HeaderReader) => Arrival): void {
  const header = new HeaderReader();
  const audits = Array.from({ length: rounds / feed.length }, () => new SubscriberAudit());
  for (const bytes of feed) {
    for (const subscriber of audits) {
      header.read(bytes);
      subscriber.message(header.seq, arrivalOf(header));
    }
  }
  sink += audits[0]?.counts(feed.length).misplaced ?? 0;
}

/** Made before anybody connects. */
const expectation = new Expectation(planned);
expectation.begin(ORIGIN_NS);

function auditAgainstSchedule(rounds: number): void {
  audit(rounds, (header) => expectation.arrival(header));
}

function auditNumbers(rounds: number): void {
  audit(rounds, ({ intact }) => (intact ? 'right' : 'corrupted'));
}

function readFrames(rounds: number): void {
  const reader = new FrameReader({
    message: (bytes) => (sink += bytes.length),
    ping: () => undefined,
    close: () => undefined,
    violation: (reason) => {
      throw new Error(reason);
    },
  });
  for (let round = 0; round < rounds; round += 20) reader.read(chunk);
}

function sliceFrames(rounds: number): void {
  for (let round = 0; round < rounds; round += 20) {
    for (let at = 0; at < chunk.length; at += frame.length) {
      const length = chunk.readUInt16BE(at + 2);
      sink += Buffer.from(chunk.subarray(at + 4, at + 4 + length)).length;
    }
  }
}

function recordHistogram(rounds: number): void {
  const histogram = new Histogram();
  for (let round = 0; round < rounds; round++) histogram.record(1e6 + ((round * 7919) % 1e6));
  sink += histogram.count;
}

function keepSamples(rounds: number): void {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) samples.push(1e6 + ((round * 7919) % 1e6));
  samples.sort((a, b) => a - b);
  sink += samples[rounds >> 1] ?? 0;
}

const contests: readonly Contest[] = [
  {
    question: 'a message taken by a subscriber: sequence number, times and checksum',
    ours: { name: 'HeaderReader', run: readHeaders },
    theirs: { name: 'JSON.parse, no checksum', run: parseJson },
  },
  {
    question: 'a message audited: its time and data held against the schedule, beside number and checksum',
    ours: { name: 'with the schedule', run: auditAgainstSchedule },
    theirs: { name: 'number and checksum alone', run: auditNumbers },
  },
  {
    question: 'WebSocket frames out of a chunk of 20',
    ours: { name: 'FrameReader', run: readFrames },
    theirs: { name: 'fixed offsets and a copy', run: sliceFrames },
  },
  {
    question: 'a latency kept for percentiles',
    ours: { name: 'Histogram', run: recordHistogram },
    theirs: { name: 'array, sorted at the end', run: keepSamples },
  },
];

function nsPerRound(run: (rounds: number) => void): number {
  const startNs = monotonicNs();
  run(ROUNDS);
  return (monotonicNs() - startNs) / ROUNDS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function hold({ question, ours, theirs }: Contest): void {
  const turns = Array.from({ length: TURNS }, () => ({ ours: nsPerRound(ours.run), theirs: nsPerRound(theirs.run) }));
  const ratios = turns.map((turn) => turn.theirs / turn.ours);
  const each = `${median(turns.map((turn) => turn.ours)).toFixed(0)} ns against ${median(turns.map((turn) => turn.theirs)).toFixed(0)} ns`;
  const spread = `${Math.min(...ratios).toFixed(2)}…${Math.max(...ratios).toFixed(2)}`;
  printText(`${question}\n  ${ours.name}: ${each} (${theirs.name}); ratio ${median(ratios).toFixed(2)} (${spread})`);
}

interface ReaderReport {
  readonly messages: number;
  readonly cpuUs: number;
}

const SOCKETS = 50;
const BROADCASTS = 1500;

/** Messages a CPU-second that a process of clients takes from one `ws` server: the subject is the client alone. */
async function messagesPerCpuSecond(client: 'native' | 'ws'): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  const reader = fork(new URL('perf-reader-process.ts', import.meta.url), [
    client,
    String(address.port),
    String(SOCKETS),
  ]);
  const report = once(reader, 'message') as Promise<[ReaderReport]>;
  while (server.clients.size < SOCKETS) await setImmediate();
  for (let round = 0; round < BROADCASTS; round++) {
    for (const socket of server.clients) socket.send(message, { binary: false });
    // Apart from each other, so that a read finds one message, as in a feed.
    await setTimeout(2);
  }
  for (const socket of server.clients) socket.close();
  const [{ messages, cpuUs }] = await report;
  server.close();
  if (messages !== SOCKETS * BROADCASTS) throw new Error(`${client} read ${messages} of ${SOCKETS * BROADCASTS}`);
  return messages / (cpuUs / 1e6);
}

async function compareClients(): Promise<void> {
  const turns: { native: number; ws: number }[] = [];
  for (let turn = 0; turn < 3; turn++)
    turns.push({ native: await messagesPerCpuSecond('native'), ws: await messagesPerCpuSecond('ws') });
  const native = median(turns.map((turn) => turn.native));
  const ws = median(turns.map((turn) => turn.ws));
  const ratio = median(turns.map((turn) => turn.native / turn.ws));
  printText(`messages a client takes per CPU-second, ${SOCKETS} sockets`);
  printText(`  native: ${native.toFixed(0)} against ${ws.toFixed(0)} (ws); ratio ${ratio.toFixed(2)}`);
}

for (const contest of contests) hold(contest);
await compareClients();
await compareScripts();
if (!Number.isFinite(sink)) throw new RangeError('the work was not done');
