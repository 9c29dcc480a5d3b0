import { expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { loopbackNetwork, type Network } from '../machine/network.ts';
import { ProcessWatch } from '../watch/process-watch.ts';
import { Yardstick } from '../watch/yardstick.ts';
import { EdgeWatch } from './edge-watch.ts';

const BIN_NS = 100e6;
/** By then a busy machine has made the reading before the first edge, too. */
const LEAD_NS = 400e6;

const nobody = new Yardstick([], new AsyncDisposableStack());

/** A wire on which a byte crosses in each microsecond. */
function steadyWire(onRead: () => void = () => undefined): Network {
  const originNs = monotonicNs();
  const count = (): number => Math.round((monotonicNs() - originNs) / 1e3);
  const readWire = (): ReturnType<NonNullable<Network['readWire']>> => {
    onRead();
    return { bytesDown: count(), bytesUp: 0, packetsDown: 0, packetsUp: 0, backplaneBytes: 0 };
  };
  return { ...loopbackNetwork('made up'), readWire };
}

function block(durationNs: number): void {
  const endNs = monotonicNs() + durationNs;
  while (monotonicNs() < endNs);
}

test.each([
  ['within the bins', 150e6],
  ['over the first edge', -50e6],
  ['over the last edge', 450e6],
])('edges that come late, %s, take nothing from the bins and say how late they were', async (_where, blockedFromNs) => {
  const bins = { originNs: monotonicNs() + LEAD_NS, binNs: BIN_NS, count: 5 };
  const watch = new ProcessWatch([{ role: 'worker', name: 'worker 1', pid: process.pid, cores: [] }]);
  const edges = new EdgeWatch({ watch, network: steadyWire(), yardstick: nobody }, bins);
  await edges.begin();
  edges.start();
  const blocking = setTimeout(() => block(300e6), (bins.originNs + blockedFromNs - monotonicNs()) / 1e6);
  await edges.done;
  await edges.end();
  clearTimeout(blocking);

  const bytes = edges.recording(bins).map(({ counters }) => counters.wireBytesDown ?? 0);
  // To within what passes between the taking of the time and the reading; an edge that was late would take whole bins.
  for (const inBin of bytes) expect(Math.abs(inBin - BIN_NS / 1e3)).toBeLessThan(BIN_NS / 1e3 / 3);
  const { cores, edgeLatenessNs, otherRuns } = edges.account(bins) ?? {};
  expect(edgeLatenessNs).toHaveLength(6);
  expect(Math.max(...(edgeLatenessNs ?? []))).toBeGreaterThan(200e6);
  expect(cores?.length).toBeGreaterThan(0);
  expect(otherRuns).not.toContain(process.pid);
});

test('a clock that is stopped leaves what came up to then', async () => {
  const bins = { originNs: monotonicNs() + LEAD_NS, binNs: BIN_NS, count: 50 };
  const watch = new ProcessWatch([{ role: 'worker', name: 'worker 1', pid: process.pid, cores: [0] }]);
  let reads = 0;
  const enough = Promise.withResolvers<undefined>();
  const network = steadyWire(() => {
    reads += 1;
    // The first one is before the first edge; by the fifth the third edge has been read as a whole.
    if (reads === 5) enough.resolve(undefined);
  });
  const edges = new EdgeWatch({ watch, network, yardstick: nobody }, bins);
  await edges.begin();
  edges.start();
  await enough.promise;
  edges.stop();
  await edges.done;
  await edges.end();
  const cut = { ...bins, count: 2 };
  const bytes = edges.recording(cut).map(({ counters }) => counters.wireBytesDown ?? 0);
  expect(bytes).toHaveLength(2);
  expect(Math.min(...bytes)).toBeGreaterThan((BIN_NS / 1e3) * (2 / 3));
  expect(watch.useOf(process.pid, cut).cpuNsPerBin).toHaveLength(2);
  expect(edges.account(cut)?.edgeLatenessNs).toHaveLength(3);
});
