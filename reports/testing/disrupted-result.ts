import { type Fault, parseFault } from '../../scenarios/faults.ts';
import { timesOfShares } from '../../scenarios/reconnect/shares.ts';
import type { Episode } from '../../scenarios/result/disruption.ts';
import type { MeasuredTrial, Result } from '../../scenarios/result/result.ts';
import { sampleResult, websocketTrial } from './sample-result.ts';

const SECOND = 1e9;
const KILLED = parseFault('kill-node@2s');

interface Told {
  readonly fault: Fault;
  readonly dropped: number;
  /** Since the fault, of those who came back. */
  readonly backNs: readonly number[];
}

/** Who came back had caught up a tenth of a second later. */
function episode({ fault, dropped, backNs }: Told): Episode {
  return {
    fault,
    node: 3,
    doneNs: 5 * SECOND,
    undoneNs: null,
    dropped,
    neverBack: dropped - backNs.length,
    tries: 2 * dropped,
    connectedNs: [...timesOfShares(backNs, dropped)],
    caughtUpNs: [
      ...timesOfShares(
        backNs.map((ns) => ns + 0.1 * SECOND),
        dropped,
      ),
    ],
    mostConnectsPerSecond: 40,
    oldestMissedNs: dropped === 0 ? null : 1.3 * SECOND,
    gone: null,
    ends: dropped === 0 ? [] : [{ end: { code: 'connection-closed' }, count: dropped }],
  };
}

/** Clients came back so long after a node was killed; 20 were dropped. */
export function disruptedTrial(backNs: readonly number[], reconnect = 'guide', dropped = 20): MeasuredTrial {
  const trial = websocketTrial();
  const variant = {
    ...trial.variant,
    backplane: 'redis',
    values: { ...trial.variant.values, nodes: 3, reconnect },
  };
  return { ...trial, variant, disruption: { episodes: [episode({ fault: KILLED, dropped, backNs })] } };
}

/** Redis was killed in the window's third second; from the fourth on commands were refused. */
export function forgottenTrial(fault: Fault): MeasuredTrial {
  const trial = disruptedTrial([], 'guide', 0);
  const { firstBin, bins } = trial.window;
  const gone = { held: 'the messages and who was online', thereafter: 'the nodes refuse everything from then on' };
  const refusals = Array.from({ length: bins }, (_, bin): number => (bin < firstBin + 3 ? 0 : 2)).with(1, 7);
  return {
    ...trial,
    countersPerBin: { ...trial.countersPerBin, refusals },
    audit: { ...trial.audit, lost: 2531, unanswered: 95 },
    disruption: {
      episodes: [
        { ...episode({ fault, dropped: 0, backNs: [] }), doneNs: (firstBin + 2.01) * trial.window.binNs, gone },
      ],
    },
  };
}

export function disruptedResult(trials: readonly MeasuredTrial[]): Result {
  const { workload, ...sample } = sampleResult();
  return {
    ...sample,
    workload: { ...workload, faults: [KILLED] },
    partial: false,
    plannedTrials: trials.length,
    trials: [...trials],
  };
}
