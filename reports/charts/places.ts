import { nodesOf } from '../../scenarios/variant.ts';
import { distinct } from '../figures/wording.ts';
import type { Group } from '../report/groups.ts';
import type { Result } from '../../scenarios/result/result.ts';

/** Groups that ran in the same place and were seen by the same generator: what can be compared at a glance. */
interface PlaceGroups {
  readonly title: string;
  readonly groups: readonly Group[];
}

/** By where the groups ran, the fewest nodes first. */
export function placesOf({ generators }: Result, groups: readonly Group[]): PlaceGroups[] {
  const several = distinct(groups.map((group) => trialOf(group)?.generator)).length > 1;
  const sorted = groups.toSorted((a, b) => nodesIn(a) - nodesIn(b));
  const byTitle = Map.groupBy(sorted, (group) => {
    const trial = trialOf(group);
    if (trial === undefined) return '';
    const seen = several ? `, seen by ${generators[trial.generator]?.label ?? trial.generator}` : '';
    return `${nodesText(nodesOf(trial.variant), trial.variant.backplane)}${seen}`;
  });
  return [...byTitle].map(([title, own]) => ({ title, groups: own }));
}

function nodesText(nodes: number, backplane: string): string {
  return nodes === 1 && backplane === 'memory'
    ? 'One node'
    : `${nodes === 1 ? 'One node' : `${nodes} nodes`} over ${backplane}`;
}

function nodesIn(group: Group): number {
  const trial = trialOf(group);
  return trial === undefined ? 0 : nodesOf(trial.variant);
}

function trialOf({ rows }: Group): Group['rows'][number]['trial'] | undefined {
  return rows[0]?.trial;
}
