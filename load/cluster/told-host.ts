import type { Recorder, Recording, TimeBins } from '../../scenarios/measures/recording.ts';
import type { CountedEnd } from '../../scenarios/session-end.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { ToldClients } from '../k6/told-clients.ts';
import type { AuditCounts } from '../subscribers/audit.ts';
import type { Expected } from '../subscribers/expectation.ts';
import { CoarseRecorder } from './coarse-recorder.ts';
import type { Output } from './collected.ts';
import { type HostClock, hostClock } from './host-clock.ts';
import { readTold } from './told-file.ts';

/** What is the same for all hosts. */
export interface Held {
  readonly feed: Expected;
  readonly bins: TimeBins;
  readonly published: number;
  /** The number in the log after which the feed begins. */
  readonly before: number;
  /** No latency is kept finer than that: the largest error of any host's clock. */
  readonly clockBoundNs: number;
}

/** What the clients of one k6 saw, held against what was published. */
export interface ToldHost {
  readonly output: Output;
  readonly clock: HostClock;
  readonly recording: Recording;
  readonly audit: AuditCounts;
  readonly ends: readonly CountedEnd[];
  readonly foreign: string | null;
  /** When clients were connected, on the publisher's clock. */
  readonly openedNs: readonly number[];
  /** How many did not say how they ended. */
  readonly unfinished: number;
}

export function clockOf({ joined, clockAfter }: Output): HostClock {
  return hostClock(joined.clock, clockAfter);
}

/** Reads an output once more, now that all is known that it is held against. */
export async function holdOutput(
  output: Output,
  { feed, bins, published, before, clockBoundNs }: Held,
): Promise<ToldHost> {
  const clock = clockOf(output);
  const recorder = new CoarseRecorder(bins, clockBoundNs);
  const told = { wallOffsetMs: clock.offsetMs, feed, before, clockBoundNs };
  const clients = new ToldClients([...output.clients], told, () => undefined);
  clients.record(recorder, bins.originNs);
  const moments: { openedNs: number[]; endedNs: number[] } = { openedNs: [], endedNs: [] };
  const toNs = (wallMs: number): number => (wallMs - clock.offsetMs) * NS_PER_MS;
  await readTold(output.path, (line) => {
    if (!('client' in line)) return;
    if (line.kind === 'opened') moments.openedNs.push(toNs(line.atMs));
    if (line.kind === 'ended') moments.endedNs.push(toNs(line.atMs));
    clients.take(line);
  });
  recordConnections(recorder, bins, moments);
  return {
    output,
    clock,
    recording: recorder.snapshot(),
    audit: clients.audit(published),
    ends: clients.ends,
    foreign: clients.foreign,
    openedNs: moments.openedNs,
    unfinished: clients.unfinished,
  };
}

/** How many were open at the end of each bin. */
function recordConnections(
  recorder: Recorder,
  { originNs, binNs, count }: TimeBins,
  { openedNs, endedNs }: { readonly openedNs: readonly number[]; readonly endedNs: readonly number[] },
): void {
  for (let edge = 1; edge <= count; edge++) {
    const atNs = originNs + edge * binNs;
    const by = (moments: readonly number[]): number => moments.filter((moment) => moment < atNs).length;
    recorder.level('connections', by(openedNs) - by(endedNs), atNs - 1);
  }
}
