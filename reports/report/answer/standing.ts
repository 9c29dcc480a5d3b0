import type { ComparedMetricId } from '../../figures/compared.ts';
import { isAvailable } from '../../figures/figure.ts';
import { centreOf, type Group } from '../groups.ts';
import { rankedRatio, type Ranking, rankingOf, type Ratio } from '../ratios.ts';
import { type Field, isDisturbed, samePlace } from './field.ts';
import { above, type Estimate } from './phrases.ts';

export interface Placed {
  readonly group: Group;
  readonly centre: number;
}

export type Ranked = Extract<Ranking, { state: 'ranked' }>;

/** How the variants of a field stand in one figure. */
export interface Standing {
  readonly metric: ComparedMetricId;
  /** All that have the figure, the least first. */
  readonly placed: readonly Placed[];
  readonly ranking: Ranking;
}

export function standingOf({ report, groups }: Field, metric: ComparedMetricId): Standing {
  const counting = groups.filter((group) => group.counting.length > 0);
  return { metric, placed: placedBy(counting, metric), ranking: rankingOf(report, metric) };
}

/** Those that have the figure, the least first. */
function placedBy(groups: readonly Group[], metric: ComparedMetricId): Placed[] {
  return groups
    .flatMap((group) => {
      const centre = centreOf(group, metric);
      return isAvailable(centre) ? [{ group, centre }] : [];
    })
    .toSorted((a, b) => a.centre - b.centre);
}

/** The winner alone, or the best seen and those not told apart from it; the least first. */
export function foremost({ placed }: Standing, { best, winner, tied }: Ranked): Group[] {
  if (winner !== undefined) return [winner];
  return placed.map(({ group }) => group).filter((group) => group === best || tied.includes(group));
}

/** Who may be called the best: nobody where nothing is ranked, or where every trial behind one of them is suspect. */
export function calledBest(standing: Standing): Group[] {
  const { metric, placed, ranking } = standing;
  if (ranking.state === 'unranked' || placed.length < 2) return [];
  const firsts = foremost(standing, ranking);
  return firsts.some((group) => isDisturbed(group, metric)) ? [] : firsts;
}

/** Those that were told from the ones before them; the least first. */
export function behind(standing: Standing, ranked: Ranked): Group[] {
  const first = foremost(standing, ranked);
  return standing.placed
    .map(({ group }) => group)
    .filter((group) => !first.includes(group) && ranked.toBest.get(group.key)?.state === 'estimated');
}

/** How many times more than the best seen, as it stands in the ranking. */
export function timesBest({ toBest }: Ranked, group: Group): Estimate | undefined {
  const ratio = toBest.get(group.key);
  return ratio?.state === 'estimated' ? above(ratio) : undefined;
}

/** The first in one figure beside the one that is worth a look in its stead. */
export interface Contrast {
  readonly best: Group;
  readonly equals: readonly Group[];
  /** Undefined where all were not told apart. */
  readonly rival: Group | undefined;
}

/**
 * Beside the freshest stands what costs the fewest bytes, where that is another one at the same place; otherwise the next
 * freshest.
 */
export function contrastOf(standing: Standing, ranked: Ranked, bytes: readonly Placed[]): Contrast {
  const equals = foremost(standing, ranked);
  const { best } = ranked;
  const others = behind(standing, ranked);
  const near = others.filter((group) => samePlace(group, best));
  const candidates = near.length > 0 ? near : others;
  const cheapest = bytes.find(({ group }) => group.key === best.key || candidates.includes(group))?.group;
  const rival = cheapest === undefined || cheapest.key === best.key ? candidates[0] : cheapest;
  return { best, equals, rival };
}

/** a : b as it stands in their ranking; undefined where there is none. */
export function estimateOf(
  { report }: Field,
  metric: ComparedMetricId,
  pair: { of: Group; to: Group },
): Estimate | undefined {
  const ratio: Ratio = rankedRatio(report, metric, pair);
  return ratio.state === 'estimated' ? ratio : undefined;
}
