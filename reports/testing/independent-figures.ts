import { inflateSync } from 'node:zlib';

/**
 * Figures of a result.json, computed from the file alone with nothing of feedbench: a second reading, for tests to hold
 * reports against. The format of histograms is HdrHistogram's V2, as its authors describe it.
 */

interface FileTrial {
  readonly state: string;
  readonly variant: {
    readonly transport: string;
    readonly backplane: string;
    readonly values: Readonly<Record<string, string | number>>;
  };
  readonly generator: string;
  readonly clients: number;
  readonly trial: number;
  readonly copy?: boolean;
  readonly attempt?: number;
  readonly partial?: boolean;
  readonly window: { readonly firstBin: number; readonly endBin: number; readonly binNs: number };
  readonly histograms: Readonly<Record<string, FileHistogram | undefined>>;
  readonly countersPerBin: Readonly<Record<string, readonly number[] | undefined>>;
  readonly gaugesPerBin: Readonly<Record<string, readonly (number | null)[] | undefined>>;
  readonly processes: readonly {
    readonly role: string;
    readonly cpuNsPerBin: readonly number[];
    readonly rssBytesPerBin: readonly number[];
  }[];
}

interface FileHistogram {
  readonly count: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly encoded: string;
}

export interface FileResult {
  readonly transports: Readonly<Record<string, { readonly label: string }>>;
  readonly campaign?: {
    readonly blocks: readonly { readonly number: number; readonly plannedTrials: number }[];
  } | null;
  readonly trials: readonly FileTrial[];
}

const COMPRESSED_V2 = 0x1c849304;
const PLAIN_V2 = 0x1c849303;
/** Bits of a cookie that tell how wide counts are. */
const WIDTH_BITS = 0xf0;
const HEADER_BYTES = 40;

interface Bucket {
  /** The largest value that falls into it. */
  readonly value: number;
  readonly count: number;
}

export function decodeHistogram(base64: string): Bucket[] {
  const outer = Buffer.from(base64, 'base64');
  expectCookie(outer, COMPRESSED_V2);
  const inner = inflateSync(outer.subarray(8, 8 + outer.readInt32BE(4)));
  expectCookie(inner, PLAIN_V2);
  const payload = inner.subarray(HEADER_BYTES, HEADER_BYTES + inner.readInt32BE(4));
  const subBuckets = 2 ** Math.ceil(Math.log2(2 * 10 ** inner.readInt32BE(12)));
  const unit = 2 ** Math.floor(Math.log2(Number(inner.readBigInt64BE(16))));
  const buckets: Bucket[] = [];
  let index = 0;
  for (const number of zigZags(payload)) {
    if (number < 0) index -= number;
    else {
      if (number > 0) buckets.push({ value: largestAt(index, subBuckets / 2) * unit + unit - 1, count: number });
      index += 1;
    }
  }
  return buckets;
}

function expectCookie(bytes: Buffer, cookie: number): void {
  const found = bytes.readInt32BE(0) & ~WIDTH_BITS;
  if (found !== (cookie & ~WIDTH_BITS)) throw new Error(`no HdrHistogram V2: it begins with ${found.toString(16)}`);
}

/** In units. The first two half buckets have steps of 1, each further one steps twice as wide as those before it. */
function largestAt(index: number, half: number): number {
  const bucket = Math.max(0, Math.floor(index / half) - 1);
  const place = index - bucket * half;
  return (place + 1) * 2 ** bucket - 1;
}

/** LEB128 of up to nine bytes, the last of which is whole; then zig-zag. Counts here are far below 2^53. */
function* zigZags(bytes: Buffer): Generator<number, undefined> {
  let at = 0;
  while (at < bytes.length) {
    let value = 0n;
    for (let place = 0; place < 9; place++) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(place === 8 ? byte : byte & 0x7f) << BigInt(7 * place);
      if (place === 8 || byte < 0x80) break;
    }
    yield Number((value >> 1n) ^ -(value & 1n));
  }
}

/** The smallest value at or below which so much of all is; `percentile` in 0..100. */
function percentileOf({ encoded, count, minNs, maxNs }: FileHistogram, percentile: number): number {
  const wanted = Math.max(1, Math.ceil((percentile * count) / 100 - 1e-9 * count));
  let seen = 0;
  for (const bucket of decodeHistogram(encoded)) {
    seen += bucket.count;
    if (seen >= wanted) return Math.min(Math.max(bucket.value, minNs), maxNs);
  }
  throw new Error(`the histogram has ${seen} of ${count} values`);
}

/** By what a report calls them; nanoseconds, bytes and shares. Undefined where the trial has nothing of it. */
export type Figures = Readonly<Record<string, number | undefined>>;

export function figuresOfTrial(trial: FileTrial): Figures {
  const { window, clients, histograms } = trial;
  const within = <T>(perBin: readonly T[]): readonly T[] => perBin.slice(window.firstBin, window.endBin);
  const total = (id: string): number => sumOf(within(trial.countersPerBin[id] ?? []));
  const seconds = ((window.endBin - window.firstBin) * window.binNs) / 1e9;
  const deliveries = total('deliveries');
  const wireBytes = total('wireBytesDown') + total('wireBytesUp');
  const servers = trial.processes.filter(({ role }) => role === 'node' || role === 'redis');
  const residentMost = (role: string): number => {
    const own = servers.filter((process) => process.role === role).map((process) => within(process.rssBytesPerBin));
    return Math.max(0, ...(own[0] ?? []).map((_, bin) => sumOf(own.map((perBin) => perBin[bin] ?? 0))));
  };
  const { staleness } = histograms;
  const at = (percentile: number): number | undefined =>
    staleness === undefined ? undefined : percentileOf(staleness, percentile);
  return {
    'staleness p50': at(50),
    'staleness p75': at(75),
    'staleness p90': at(90),
    'staleness p95': at(95),
    'staleness p99': at(99),
    'staleness maximum': staleness?.maxNs,
    'wire bytes per message': wireBytes / deliveries,
    'wire bytes per client and second':
      wireBytes / clients / (((window.endBin - window.firstBin) * window.binNs) / 1e9),
    'server CPU per message': sumOf(servers.map(({ cpuNsPerBin }) => sumOf(within(cpuNsPerBin)))) / deliveries,
    'server memory': residentMost('node') + residentMost('redis'),
    'empty polls': total('emptyAnswers') / total('answers'),
    answers: total('answers'),
    connections: Math.max(...within(trial.gaugesPerBin['connections'] ?? []).map(Number)),
    'deliveries per second': deliveries / seconds,
    deliveries,
  };
}

function sumOf(numbers: readonly number[]): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

export function geometricMean(numbers: readonly number[]): number {
  return Math.exp(sumOf(numbers.map(Math.log)) / numbers.length);
}

/** Trials of one thing; the control's copy is another one. */
export function groupsOfFile({ trials }: FileResult): FileTrial[][] {
  const keyOf = ({ variant, generator, clients, copy }: FileTrial): string =>
    JSON.stringify([variant, generator, clients, copy ?? false]);
  return [...Map.groupBy(trials, keyOf).values()];
}

/** Of the blocks in which each planned trial was made, or failed; all of a file without blocks. */
export function isInWholeBlock({ campaign, trials }: FileResult, { trial }: FileTrial): boolean {
  if (campaign === null || campaign === undefined) return true;
  const planned = campaign.blocks.find(({ number }) => number === trial)?.plannedTrials ?? Number.POSITIVE_INFINITY;
  const made = trials.filter((other) => other.trial === trial && other.partial !== true && other.attempt !== 2);
  return made.length >= planned;
}
