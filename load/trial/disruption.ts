import { type Fault, faultRow } from '../../scenarios/faults.ts';
import { mostPerSecond } from '../../scenarios/reconnect/peak.ts';
import { timesOfShares } from '../../scenarios/reconnect/shares.ts';
import type { Disruption, Episode } from '../../scenarios/result/disruption.ts';
import { mergeEnds } from '../../scenarios/session-end.ts';
import { type BackplaneId, backplaneRow } from '../../servers/backplanes.ts';
import type { CarriedOutFault } from '../fleet/faults.ts';
import type { Absence } from '../subscribers/absences.ts';

/** Where faults strike. */
interface Struck {
  readonly originNs: number;
  readonly backplane: BackplaneId;
}

/**
 * What came of the faults, in the order in which they were ordered; null where none was. An absence is of the last fault before it
 * began that struck its node, or all of them.
 */
export function disruptionOf(
  faults: readonly CarriedOutFault[],
  absences: readonly Absence[],
  struck: Struck,
): Disruption | null {
  if (faults.length === 0) return null;
  const ownAbsences = absences.filter(({ end }) => end.code !== 'cut');
  const inOrder = faults.toSorted((a, b) => a.fault.atNs - b.fault.atNs || (a.node ?? 0) - (b.node ?? 0));
  const byCause = Map.groupBy(ownAbsences, (absence) => causeOf(absence, inOrder));
  return { episodes: inOrder.map((fault) => episodeOf(fault, byCause.get(fault) ?? [], struck)) };
}

/** What struck its own node comes first, as long as that was down; then what struck all. */
function causeOf({ droppedNs, node }: Absence, faults: readonly CarriedOutFault[]): CarriedOutFault | undefined {
  const before = faults.filter(({ doneNs }) => doneNs <= droppedNs).toSorted((a, b) => b.doneNs - a.doneNs);
  const own = before.find((fault) => fault.node !== null && (node === null || fault.node === node));
  const common = before.find((fault) => fault.node === null);
  if (own === undefined || common === undefined) return own ?? common;
  return common.doneNs > (own.undoneNs ?? Number.POSITIVE_INFINITY) ? common : own;
}

function episodeOf(
  carriedOut: CarriedOutFault,
  absences: readonly Absence[],
  { originNs, backplane }: Struck,
): Episode {
  const { fault, node, doneNs, undoneNs } = carriedOut;
  const since = (momentNs: number | null): number[] => (momentNs === null ? [] : [momentNs - doneNs]);
  const connectedNs = absences.flatMap(({ backNs }) => since(backNs));
  const caughtUpNs = absences.flatMap(({ caughtUpNs: atNs }) => since(atNs));
  const missedNs = absences.flatMap(({ oldestMissedNs }) => oldestMissedNs ?? []);
  return {
    fault,
    node,
    doneNs: doneNs - originNs,
    undoneNs: undoneNs === null ? null : undoneNs - originNs,
    dropped: absences.length,
    neverBack: absences.length - connectedNs.length,
    tries: absences.reduce((sum, { tries }) => sum + tries, 0),
    connectedNs: [...timesOfShares(connectedNs, absences.length)],
    caughtUpNs: [...timesOfShares(caughtUpNs, absences.length)],
    mostConnectsPerSecond: mostPerSecond(connectedNs),
    oldestMissedNs: missedNs.reduce<number | null>((most, ageNs) => Math.max(most ?? 0, ageNs), null),
    gone: goneWith(fault, backplane),
    ends: [...mergeEnds(absences.map(({ end }) => ({ end, count: 1 })))],
  };
}

function goneWith({ kind }: Fault, backplane: BackplaneId): Episode['gone'] {
  const { role, held, thereafter } = backplaneRow(backplane).heldBy;
  const { strikes, forgets } = faultRow(kind);
  return forgets === true && strikes === role ? { held, thereafter } : null;
}
