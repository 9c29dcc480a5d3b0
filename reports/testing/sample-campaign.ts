import { derivedRandom, type Random } from '../../scenarios/feed/random.ts';
import { type MeasuredTrial, type Result, SCHEMA, type Trial } from '../../scenarios/result/result.ts';
import type { TransportTraits } from '../../scenarios/transport-traits.ts';
import { type Variant, variantKey } from '../../scenarios/variant.ts';
import {
  type Character,
  FIRST,
  type Place,
  SAMPLE_CLIENTS,
  SAMPLE_HASH,
  SAMPLE_RATE,
  sampleTrial,
  WARM_UP_BINS,
} from './sample-trial.ts';

const SEED = 7;
const WINDOW_BINS = 6;
const BINS = WARM_UP_BINS + WINDOW_BINS;
/** From the start of a trial to that of the next. */
const TRIAL_MS = 14_000;
const STARTED_MS = Date.parse('2026-05-17T14:23:02.000Z');
const SCENARIO = { pollIntervalNs: 2e9 };

interface SampleCampaign {
  /** Whole blocks. */
  readonly trials: number;
  /** The first so many of twelve, the copy not counted. */
  readonly variants: number;
  readonly name: string;
  /** A block more, in which only two trials were measured when somebody stopped the run. */
  readonly isHalfDone: boolean;
  /** The last variant's trial in the first block failed. */
  readonly hasFailed: boolean;
  /** The first block's trial of the second variant was disturbed from outside, and measured again. */
  readonly isRepeated: boolean;
}

const USUAL: SampleCampaign = {
  trials: 3,
  variants: 5,
  name: 'sample',
  isHalfDone: false,
  hasFailed: false,
  isRepeated: true,
};

/**
 * A made-up campaign for tests, the same every time: figures of a variant scatter from trial to trial as they do on a real
 * machine, one variant is measured as two, and one trial was measured again.
 */
export function sampleCampaign(asked: Partial<SampleCampaign> = {}, overrides: Partial<Result> = {}): Result {
  const sample = { ...USUAL, ...asked };
  const characters = CHARACTERS.slice(0, sample.variants);
  const cells = cellsOf(characters);
  const blocks = Array.from({ length: sample.trials + Number(sample.isHalfDone) }, (_, index) => index + 1);
  const trials = timed(blocks.flatMap((block) => blockOf(block, cells, sample)));
  const used = new Set(characters.map(({ variant }) => variant.transport));
  return {
    schema: SCHEMA,
    id: `2026-05-17-142301-${sample.name}`,
    startedAt: '2026-05-17T14:23:01.000Z',
    endedAt: new Date(STARTED_MS + trials.length * TRIAL_MS).toISOString(),
    partial: sample.isHalfDone,
    plannedTrials: blocks.length * cells.length,
    command: `feedbench run ${sample.name} --trials ${blocks.length} --seed ${SEED}`,
    seed: SEED,
    workload: {
      name: sample.name,
      description: 'prices & <scores> that were never published',
      clients: SAMPLE_CLIENTS,
      feed: { kind: 'fixed', messagesPerSecond: SAMPLE_RATE },
      payload: { kind: 'stock-prices', bytes: 200 },
      ...SCENARIO,
      durationNs: WINDOW_BINS * 1e9,
      faults: [],
    },
    manifest: { scheduleHash: SAMPLE_HASH, messages: SAMPLE_RATE * BINS, warmUpNs: 3e9, windowNs: WINDOW_BINS * 1e9 },
    transports: Object.fromEntries(Object.entries(TRANSPORTS).filter(([id]) => used.has(id))),
    generators: { native: { label: 'native', resolutionNs: 1 } },
    environment: { cpu: 'a made-up one', cores: 2, redis: null, uncommittedChanges: false },
    trials,
    campaign: {
      seed: SEED,
      control: controlOf(cells),
      blocks: blocks.map((number) => ({ number, plannedTrials: cells.length })),
      plannedBlocks: blocks.length,
      budgetNs: null,
      target: null,
      cells: cells.map(({ character: { variant }, copy }) => ({
        variant,
        generator: FIRST.generator,
        clients: SAMPLE_CLIENTS,
        copy,
      })),
      endedBy: sample.isHalfDone ? 'stopped' : 'trials',
    },
    noise: [],
    ...overrides,
  };
}

/** What a block measures: each variant, and one of them once more. */
interface Cell {
  readonly character: Character;
  readonly copy: boolean;
  /** Counts from 0; the same in every block. */
  readonly index: number;
}

function cellsOf(characters: readonly Character[]): Cell[] {
  const control = characters.find(isPrompt) ?? characters[0];
  const copies = control === undefined ? [] : [{ character: control, copy: true }];
  return [...characters.map((character) => ({ character, copy: false })), ...copies].map((cell, index) => ({
    ...cell,
    index,
  }));
}

function controlOf(cells: readonly Cell[]): string | null {
  const copy = cells.find((cell) => cell.copy);
  return copy === undefined ? null : variantKey(copy.character.variant, SCENARIO);
}

function isPrompt({ variant }: Character): boolean {
  return TRANSPORTS[variant.transport]?.cadence !== 'interval';
}

function blockOf(block: number, cells: readonly Cell[], sample: SampleCampaign): Trial[] {
  const shared = normal(derivedRandom(SEED, -block));
  const shuffle = derivedRandom(SEED, 1000 + block);
  const order = cells
    .map((cell) => ({ cell, at: shuffle() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ cell }) => cell);
  return order.slice(0, block > sample.trials ? 2 : order.length).flatMap((cell): Trial[] => {
    const first = trialOf(cell, { block, attempt: 1, shared });
    const isLast = cell.index === sample.variants - 1;
    if (block === 1 && sample.hasFailed && isLast) return [failed(first)];
    if (block === 1 && sample.isRepeated && cell.index === 1)
      return [disturbed(first), trialOf(cell, { block, attempt: 2, shared })];
    return [first];
  });
}

interface Chance {
  readonly block: number;
  readonly attempt: 1 | 2;
  /** What the whole block has, as a normal deviate. */
  readonly shared: number;
}

function trialOf({ character, copy, index }: Cell, { block, attempt, shared }: Chance): MeasuredTrial {
  const stream = 100 * block + 2 * index + attempt;
  const place: Place = { ...FIRST, trial: block, copy, attempt };
  return sampleTrial(scattered(character, derivedRandom(SEED, stream), shared), { place, bins: BINS, seed: stream });
}

/** As figures of real trials scatter: standard deviations of their logarithms. */
const SCATTER = {
  prompt: { level: 0.1, tail: 0.2, cpu: 0.12, bytes: 0.0002 },
  interval: { level: 0.002, tail: 0, cpu: 0.32, bytes: 0 },
} as const;

function scattered(character: Character, random: Random, shared: number): Character {
  const sd = SCATTER[isPrompt(character) ? 'prompt' : 'interval'];
  const factor = (deviation: number, common = 0): number => Math.exp(deviation * (normal(random) + common * shared));
  const level = factor(sd.level, 0.3);
  const [fromMs, toMs] = character.stalenessMs;
  return {
    ...character,
    stalenessMs: [fromMs * level, toMs * level * factor(sd.tail, 0.6)],
    cpuUsPerMessage: character.cpuUsPerMessage * factor(sd.cpu),
    wireBytesPerMessage: character.wireBytesPerMessage * factor(sd.bytes),
  };
}

/** Box and Muller's first. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** One after the other, as they ran. */
function timed(trials: readonly Trial[]): Trial[] {
  return trials.map((trial, index) => ({
    ...trial,
    startedAt: new Date(STARTED_MS + index * TRIAL_MS).toISOString(),
  }));
}

/** The hypervisor took 6 % of a core. */
function disturbed(trial: MeasuredTrial): MeasuredTrial {
  const stolenTime = Array.from({ length: BINS }, () => 6e7);
  return { ...trial, countersPerBin: { ...trial.countersPerBin, stolenTime } };
}

function failed({ variant, generator, clients, trial, copy, attempt, startedAt }: MeasuredTrial): Trial {
  const message = 'node 1 ended with code 1';
  return {
    state: 'failed',
    variant,
    generator,
    clients,
    trial,
    copy,
    attempt,
    startedAt,
    code: 'process-died',
    message,
  };
}

const WEBSOCKET_FRAMING = [
  { fromBytes: 0, addsBytes: 2 },
  { fromBytes: 126, addsBytes: 4 },
];

const TRANSPORTS: Readonly<Record<string, TransportTraits>> = {
  polling: { label: 'HTTP polling', look: { colour: 'vermillion', shape: 'circle' }, cadence: 'interval' },
  'long-polling': { label: 'HTTP long-polling', look: { colour: 'blue', shape: 'square' }, cadence: 'held' },
  sse: {
    label: 'Server-Sent Events',
    look: { colour: 'pink', shape: 'triangle' },
    cadence: 'push',
    framing: [{ fromBytes: 0, addsBytes: 24 }],
  },
  websocket: {
    label: 'WebSocket',
    look: { colour: 'green', shape: 'diamond' },
    cadence: 'push',
    framing: WEBSOCKET_FRAMING,
  },
  socketio: {
    label: 'Socket.IO',
    look: { colour: 'ink', shape: 'plus' },
    cadence: 'push',
    framing: [{ fromBytes: 0, addsBytes: 12 }],
  },
};

const PUSHED = { answersPerSecond: 0, emptyShare: 0, headerBytes: 0, skew: 3 } as const;
const ONE_NODE = { nodes: 1, headers: 'browser' } as const;

/** Bytes and staleness are about what the theory makes of these CPU times; Socket.IO's staleness is not. */
const ON_ONE_NODE: readonly Character[] = [
  {
    variant: { transport: 'polling', backplane: 'memory', values: { ...ONE_NODE, pollIntervalNs: 2e9 } },
    stalenessMs: [1, 2000],
    answersPerSecond: SAMPLE_CLIENTS / 2,
    emptyShare: 0,
    headerBytes: 900,
    wireBytesPerMessage: 345,
    cpuUsPerMessage: 12,
  },
  {
    variant: { transport: 'long-polling', backplane: 'memory', values: ONE_NODE },
    stalenessMs: [0.6, 6],
    skew: 3,
    answersPerSecond: SAMPLE_CLIENTS * SAMPLE_RATE,
    emptyShare: 0,
    headerBytes: 850,
    wireBytesPerMessage: 1320,
    cpuUsPerMessage: 80,
  },
  {
    ...PUSHED,
    variant: { transport: 'sse', backplane: 'memory', values: ONE_NODE },
    stalenessMs: [0.48, 2.9],
    wireBytesPerMessage: 456,
    cpuUsPerMessage: 22,
  },
  {
    ...PUSHED,
    variant: { transport: 'websocket', backplane: 'memory', values: ONE_NODE },
    stalenessMs: [0.44, 2.6],
    wireBytesPerMessage: 436,
    cpuUsPerMessage: 20,
  },
  {
    ...PUSHED,
    variant: { transport: 'socketio', backplane: 'memory', values: { ...ONE_NODE, shape: 'websocket' } },
    stalenessMs: [1.3, 6],
    wireBytesPerMessage: 444,
    cpuUsPerMessage: 31,
  },
];

/** The same on three nodes: what Redis takes comes on top. */
function onRedis(character: Character): Character {
  const { variant, stalenessMs } = character;
  const [fromMs, toMs] = stalenessMs;
  return {
    ...character,
    variant: { ...variant, backplane: 'redis', values: { ...variant.values, nodes: 3 } },
    stalenessMs: isPrompt(character) ? [fromMs + 0.1, toMs + 1.2] : stalenessMs,
    cpuUsPerMessage: 1.5 * character.cpuUsPerMessage,
  };
}

function changed(transport: string, values: Variant['values'], change: Partial<Character>): Character[] {
  return ON_ONE_NODE.filter(({ variant }) => variant.transport === transport).map((character) => ({
    ...character,
    ...change,
    variant: { ...character.variant, values: { ...character.variant.values, ...values } },
  }));
}

const CHARACTERS: readonly Character[] = [
  ...ON_ONE_NODE,
  ...ON_ONE_NODE.map(onRedis),
  ...changed(
    'polling',
    { pollIntervalNs: 1e9 },
    {
      stalenessMs: [1, 1000],
      answersPerSecond: SAMPLE_CLIENTS,
      wireBytesPerMessage: 390,
      cpuUsPerMessage: 16,
    },
  ),
  ...changed('websocket', { frames: 'binary' }, { wireBytesPerMessage: 410 }),
];
