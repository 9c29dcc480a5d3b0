import { listOf } from '../../figures/wording.ts';
import type { Doubt } from './doubts.ts';
import type { Field } from './field.ts';
import type { Standing } from './standing.ts';

/** Of a ranking that there is: who is left out of it, and why. Where nobody is ranked the verdict says so. */
export function unrankedOf(field: Field, { ranking, placed }: Standing): Doubt[] {
  if (ranking.state === 'unranked') return [];
  const { scheduleHash } = field.report.result.manifest;
  const unranked = placed.flatMap(({ group }) => {
    const ratio = ranking.toBest.get(group.key);
    // Of another feed than planned is said already that it cannot be compared.
    const isStranger = group.counting.some(({ trial }) => trial.scheduleHash !== scheduleHash);
    if (ratio?.state !== 'unranked' || isStranger) return [];
    return [{ name: field.nameOf(group, ranking.best), reason: ratio.reason.replace(`${group.label}: `, '') }];
  });
  return [...Map.groupBy(unranked, ({ reason }) => reason)].map(([reason, own]): Doubt => {
    const names = listOf(own.map(({ name }) => name));
    return { kind: 'doubt', text: `${names} ${own.length === 1 ? 'is' : 'are'} not ranked: ${reason}.` };
  });
}
