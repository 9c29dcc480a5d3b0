import { hashFeed } from '../../../scenarios/feed/schedule-hash.ts';
import { dueTimes } from '../../../scenarios/feed/schedule.ts';
import { loadWorkload } from '../../../scenarios/feed/workload.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../../scenarios/units.ts';
import { type HostLine, type Line, LINE_MARK } from '../../k6/lines.ts';
import { feedOf } from '../../trial/window.ts';
import type { Published } from '../published.ts';

/** The publisher's monotonic clock at the beginning of the feed. */
const ORIGIN_NS = 5_000 * NS_PER_SECOND;
const PUBLISH_NS = 0.2 * NS_PER_MS;
const BEFORE = 40;

/** A run of `clients` on hosts with clocks of their own, as the lines that its publisher and its k6 would print. */
export interface ToldRun {
  readonly published: Published;
  /** All lines of a k6 that plays these clients, to whom each message comes after `delayMs`. */
  readonly linesOf: (host: ToldHostShape) => (Line | HostLine)[];
}

interface ToldHostShape {
  readonly instance: number;
  readonly clients: readonly number[];
  readonly offsetMs: number;
  readonly delayMs: number;
  readonly driftMs?: number;
}

export async function toldRun(parts: readonly number[]): Promise<ToldRun> {
  const { options: _said, ...ticker } = loadWorkload('ticker');
  const clients = parts.reduce((sum, part) => sum + part, 0);
  const workload = { ...ticker, clients, durationNs: 2 * NS_PER_SECOND };
  const variant = { transport: 'websocket', backplane: 'redis', values: { nodes: 3 } } as const;
  const spec = { workload, variant, seed: 7, clients, warmUpNs: NS_PER_SECOND, windowNs: workload.durationNs };
  const feed = feedOf({ ...spec, generator: 'k6', trial: 1, copy: false, attempt: 1 });
  const plannedHash = (await hashFeed(feed)) ?? '';
  const published: Published = {
    kind: 'published',
    schema: 'feedbench.published/1',
    feed: 'of-this-run',
    startedAt: '2026-01-02T03:04:05.000Z',
    command: 'feedbench publish',
    workload,
    variant,
    seed: spec.seed,
    clients,
    warmUpNs: spec.warmUpNs,
    windowNs: spec.windowNs,
    plannedHash,
    publishedHash: plannedHash,
    published: feed.messages,
    messages: feed.messages,
    before: BEFORE,
    originNs: ORIGIN_NS,
    instances: parts.map((part, index) => ({ instance: index + 1, clients: part })),
    recording: [],
  };
  const dueNs = [...dueTimes(feed.feed, feed.durationNs, feed.seed)].map((offset) => ORIGIN_NS + offset);
  return { published, linesOf: (host) => linesOf(host, { plannedHash, dueNs }) };
}

function linesOf(
  { instance, clients, offsetMs, delayMs, driftMs = 0 }: ToldHostShape,
  { plannedHash, dueNs }: { readonly plannedHash: string; readonly dueNs: readonly number[] },
): (Line | HostLine)[] {
  const atMs = Math.floor(ORIGIN_NS / NS_PER_MS + offsetMs) - 1000;
  const messages = dueNs.flatMap((due, index) => [
    BEFORE + index + 1,
    due,
    due + PUBLISH_NS,
    200,
    due / NS_PER_MS + offsetMs + delayMs,
  ]);
  return [
    {
      kind: 'joined',
      instance,
      feed: 'of-this-run',
      scheduleHash: plannedHash,
      transport: 'websocket',
      clients: clients.length,
      connectMs: 0.4,
      clock: { offsetMs, boundMs: 0.1 },
    },
    ...clients.flatMap((client): Line[] => [
      { kind: 'opened', client, atMs },
      { kind: 'seen', client, messages, answers: [] },
      { kind: 'left', client },
    ]),
    { kind: 'clock', instance, clock: { offsetMs: offsetMs + driftMs, boundMs: 0.1 } },
    { kind: 'parted', instance },
  ];
}

/** As k6 and a publisher print them, with what else they say around. */
export function printed(lines: readonly (Line | HostLine | Published)[], frame = ''): string {
  return ['starting', ...lines.map((line) => `${frame}${LINE_MARK}${JSON.stringify(line)}`), ''].join('\n');
}
