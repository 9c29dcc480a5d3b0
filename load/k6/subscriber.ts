import exec from 'k6/execution';
import http from 'k6/http';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { findStartMs, WallClock } from './clock.ts';
import { FrameHead, parseNotice } from './frame-head.ts';
import { LineObserver, MetricsObserver, type Observer } from './observer.ts';
import { type ByHand, type ScriptTarget, SETTINGS } from './settings.ts';

/** What all subscribers begin with. */
export interface Start {
  readonly startMs: number;
  /** By hand: wall clock minus the nodes' clock, and the newest message of each target. */
  readonly clockOffsetMs: number;
  readonly latest: readonly number[];
}

const PROBES = 21;

/** Runs once, before all subscribers; `transport` is what the node must serve. */
export function prepare(transport: string): Start {
  const startMs = findStartMs();
  if (SETTINGS.by === 'plan') return { startMs, clockOffsetMs: 0, latest: [] };
  const clock = new WallClock(startMs);
  const healths = SETTINGS.targets.map((target) => askHealth(target, clock));
  const other = healths.find((health) => health.transport !== transport);
  if (other !== undefined)
    exec.test.abort(`URL: the node serves ${String(other.transport)}; run load/k6/${String(other.transport)}.ts against it`);
  return {
    startMs,
    clockOffsetMs: clockOffsetMs(SETTINGS, healths, clock),
    latest: healths.map(({ latest }) => latest),
  };
}

interface Health {
  readonly transport: unknown;
  readonly latest: number;
  readonly monotonicNs: number | undefined;
}

function askHealth({ host }: ScriptTarget, _clock: WallClock): Health {
  try {
    const body: unknown = http.get(`http://${host}/health`).json();
    if (typeof body !== 'object' || body === null || !('latest' in body) || !('transport' in body))
      return exec.test.abort(`URL: what answers at ${host} is no node of feedbench`);
    const monotonicNs = 'monotonicNs' in body ? Number(body.monotonicNs) : undefined;
    return { transport: body.transport, latest: Number(body.latest), monotonicNs };
  } catch (error) {
    return exec.test.abort(`URL: no node can be reached at ${host}: ${String(error)}`);
  }
}
