import exec from 'k6/execution';
import http from 'k6/http';
import { errorMessage } from '../../../scenarios/failures.ts';
import { NS_PER_MS } from '../../../scenarios/units.ts';
import { findStartMs, wallClock } from './clock.ts';
import { lineObserver, metricsObserver, type Observer } from './observer.ts';
import { joinPublisher, type Joined, partFromPublisher, readClockAgain } from './publisher.ts';
import { refuse, type ScriptTarget, SETTINGS } from './settings.ts';

/** What all subscribers begin with. */
export interface Start {
  readonly startMs: number;
  /** By hand: wall clock minus the nodes' clock, and the newest message of each target. */
  readonly clockOffsetMs: number;
  readonly latest: readonly number[];
  /** What a publisher on another host said. */
  readonly joined?: Joined;
}

/** Enough that one of them meets no queue; the quickest counts. */
const PROBES = 21;

/** Runs once, before all subscribers; `transport` is what the nodes must serve. */
export function prepare(transport: string): Start {
  const startMs = findStartMs();
  if (SETTINGS.by === 'plan') return { startMs, clockOffsetMs: 0, latest: [] };
  if (SETTINGS.by === 'publisher') {
    const joined = joinPublisher(SETTINGS.publisher, transport, startMs);
    return { startMs, clockOffsetMs: 0, latest: [], joined };
  }
  const now = wallClock(startMs);
  const nodes = SETTINGS.targets.map(({ host }) => examineNode(host, now));
  const other = nodes.find(({ transports }) => !transports.includes(transport))?.transports;
  if (other !== undefined)
    refuse(
      `URL: the node serves ${other.join(', ')}; run ${other.map((id) => `load/k6/scripts/${id}.ts`).join(' or ')}`,
    );
  if (nodes.some(({ deliver }) => deliver === 'latest')) refuse(LEAVES_OUT);
  const offsetMs = SETTINGS.clockOffsetMs ?? nodes.find((node) => node.clockOffsetMs !== undefined)?.clockOffsetMs;
  return { startMs, clockOffsetMs: offsetMs ?? refuse(NO_CLOCK), latest: nodes.map(({ latest }) => latest) };
}

/** Runs once, after all subscribers. */
export function finish({ joined }: Start): void {
  if (joined !== undefined) partFromPublisher(joined);
}

const NO_CLOCK =
  'CLOCK_OFFSET_NS: the node does not tell its clock; pass the wall clock minus the monotonic one in nanoseconds';

const LEAVES_OUT =
  'URL: the node leaves messages out for newer ones, and a script by hand cannot tell those from lost ones; serve without --deliver latest';

interface NodeState {
  readonly transports: readonly string[];
  readonly deliver: string;
  readonly latest: number;
  /** Wall clock here minus monotonic clock there, to within half the round trip; undefined where it is not told. */
  readonly clockOffsetMs: number | undefined;
}

function examineNode(host: string, now: () => number): NodeState {
  let quickestMs = Number.POSITIVE_INFINITY;
  let clockOffsetMs: number | undefined;
  for (let probe = 0; ; probe++) {
    const sentMs = now();
    const health = askHealth(host);
    const receivedMs = now();
    if (health.monotonicNs !== undefined && receivedMs - sentMs < quickestMs) {
      quickestMs = receivedMs - sentMs;
      clockOffsetMs = (sentMs + receivedMs) / 2 - health.monotonicNs / NS_PER_MS;
    }
    if (probe === PROBES || health.monotonicNs === undefined) return { ...health, clockOffsetMs };
  }
}

interface Health {
  readonly transports: readonly string[];
  readonly deliver: string;
  readonly latest: number;
  readonly monotonicNs?: number;
}

function askHealth(host: string): Health {
  let answer: unknown;
  try {
    answer = http.get(`http://${host}/health`, { timeout: 5000 }).json();
  } catch (error) {
    refuse(`URL: no node can be reached at ${host}: ${errorMessage(error)}`);
  }
  return isHealth(answer) ? answer : refuse(`URL: what answers at ${host} is no node of feedbench`);
}

function isHealth(answer: unknown): answer is Health {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'transports' in answer &&
    Array.isArray(answer.transports) &&
    answer.transports.every((id) => typeof id === 'string') &&
    'deliver' in answer &&
    typeof answer.deliver === 'string' &&
    'latest' in answer &&
    typeof answer.latest === 'number' &&
    (!('monotonicNs' in answer) || typeof answer.monotonicNs === 'number')
  );
}

/** One subscriber: where it connects, from where on it listens, who is told, and when it leaves. */
export interface Subscriber {
  readonly target: ScriptTarget;
  /** As a query: after message `latest`, or everything. */
  readonly since: number | undefined;
  /** Where the grid of its polls begins, on the wall clock. */
  readonly pollOriginMs: number;
  readonly pollIntervalMs: number;
  readonly observer: Observer;
  /** Whether it has all that it waits for once it has come so far. */
  readonly hasAll: (latest: number) => boolean;
  /** Until when it stays, on the wall clock; undefined: until it is told otherwise. */
  readonly leaveMs: number | undefined;
}

/** The subscriber that the running VU plays. */
export function thisSubscriber(start: Start, options: { readonly blocks: boolean }): Subscriber {
  const { clients, first, step } = SETTINGS;
  const targets = start.joined?.targets ?? SETTINGS.targets;
  const client = first + (exec.vu.idInTest - 1) * step;
  const index = client % targets.length;
  const target = targets[index];
  if (target === undefined) throw new RangeError(`client ${client} has no target`);
  return {
    target,
    ...part(start, { client, index, phase: client / clients, by: options.blocks ? 'script' : 'timer' }),
  };
}

interface Place {
  readonly client: number;
  /** Of its target. */
  readonly index: number;
  /** Share of the poll interval, and of every other period that clients are spread over. */
  readonly phase: number;
  readonly by: 'timer' | 'script';
}

const never = (): boolean => false;

function part(start: Start, { client, index, phase, by }: Place): Omit<Subscriber, 'target'> {
  switch (SETTINGS.by) {
    case 'hand': {
      const since = start.latest[index] ?? 0;
      const { pollIntervalMs, durationMs } = SETTINGS;
      return {
        since,
        pollIntervalMs,
        pollOriginMs: start.startMs + phase * pollIntervalMs,
        observer: metricsObserver(since, start.clockOffsetMs),
        hasAll: never,
        leaveMs: wallClock(start.startMs)() + durationMs,
      };
    }
    case 'plan': {
      const { pollIntervalMs, pollOriginMs, tellEvery: messages } = SETTINGS;
      const observer = lineObserver(client, { by, phase, messages, stays: true });
      const grid = { pollIntervalMs, pollOriginMs: pollOriginMs + phase * pollIntervalMs };
      return { since: undefined, ...grid, observer, hasAll: never, leaveMs: undefined };
    }
    case 'publisher': {
      const { joined, startMs } = start;
      if (joined === undefined) throw new TypeError('this k6 has joined no publisher');
      const { before, last, leaveMs, pollOriginMs, pollIntervalMs, tellEvery: messages } = joined;
      const told = lineObserver(client, { by, phase, messages, stays: false });
      const left = (): void => {
        told.left();
        readClockAgain(joined, startMs);
      };
      const observer = { ...told, left };
      const grid = { pollIntervalMs, pollOriginMs: pollOriginMs + phase * pollIntervalMs };
      return { since: before, ...grid, observer, hasAll: (latest) => latest >= last, leaveMs };
    }
    default:
      return SETTINGS satisfies never;
  }
}
