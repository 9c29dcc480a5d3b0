import { monotonicNs } from '../../scenarios/clock.ts';
import { Histogram } from '../../scenarios/measures/histogram.ts';
import { BinaryHeaderReader, encodeBinary } from '../../scenarios/feed/binary-message.ts';
import { encodeBody, encodeMessage, HeaderReader } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { dueOffsetsNs } from '../../scenarios/feed/schedule.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { type Arrival, SubscriberAudit } from '../../load/subscribers/audit.ts';
import { Expectation } from '../../load/subscribers/expectation.ts';
import { FrameReader } from '../../servers/wire/frames.ts';
import type { Comparison, Tell } from './comparison.ts';

/** What is done with every delivery, each against the obvious way to do it. */
interface Contest {
  readonly question: string;
  readonly ours: Contender;
  readonly theirs: Contender;
}

interface Contender {
  readonly name: string;
  readonly run: (rounds: number) => void;
}

const ROUNDS = 50_000;
const TURNS = 9;

const payload = { kind: 'stock-prices', bytes: 200 } as const;
const message = encodeMessage(123_456, encodeBody(5e15, 5e15 + 4e4, payloadData(payload, 1, 0)));
const compact = encodeBinary(message);
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

function readBinaryHeaders(rounds: number): void {
  const reader = new BinaryHeaderReader();
  for (let round = 0; round < rounds; round++) {
    reader.read(compact);
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

const CONTESTS: readonly Contest[] = [
  {
    question: 'a message taken by a subscriber: sequence number, times and checksum',
    ours: { name: 'HeaderReader', run: readHeaders },
    theirs: { name: 'JSON.parse, no checksum', run: parseJson },
  },
  {
    question: 'the same message in the compact form',
    ours: { name: 'BinaryHeaderReader', run: readBinaryHeaders },
    theirs: { name: 'HeaderReader, the text', run: readHeaders },
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

function hold({ question, ours, theirs }: Contest): Comparison {
  const turns = Array.from({ length: TURNS }, () => ({ ours: nsPerRound(ours.run), theirs: nsPerRound(theirs.run) }));
  return { question, unit: 'ns', ours: ours.name, theirs: theirs.name, turns };
}

export async function measure(tell: Tell): Promise<void> {
  for (const contest of CONTESTS) tell(hold(contest));
  if (!Number.isFinite(sink)) throw new RangeError('the work was not done');
}
