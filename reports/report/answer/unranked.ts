import type { Doubt } from './doubts.ts';
import type { Field } from './field.ts';
import type { Standing } from './standing.ts';

/** Of a ranking that there is: who is left out of it, and why. Where nobody is ranked the verdict says so. */
export function unrankedOf(field: Field, { ranking, placed }: Standing): Doubt[] {
  if (ranking.state === 'unranked') return [];
  const { scheduleHash } = field.report.result.manifest;
  return placed.flatMap(({ group }): Doubt[] => {
    const ratio = ranking.toBest.get(group.key);
    // Of another feed than planned is said already that it cannot be compared.
    const isStranger = group.counting.some(({ trial }) => trial.scheduleHash !== scheduleHash);
    if (ratio?.state !== 'unranked' || isStranger) return [];
    const reason = ratio.reason.replace(`${group.label}: `, '');
    return [{ kind: 'doubt', text: `${field.nameOf(group, ranking.best)} is not ranked: ${reason}.` }];
  });
}
