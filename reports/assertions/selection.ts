import { Failure } from '../../scenarios/failures.ts';
import { variantKey } from '../../scenarios/variant.ts';
import type { Group } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import type { Rule } from './rule.ts';

const ALL = '*';

/** Of these keys the ones that a rule names: the one that is called so, or else all that begin so. */
export function selectedKeys({ selector }: Pick<Rule, 'selector'>, keys: readonly string[]): string[] {
  if (selector === ALL) return [...keys];
  const exact = keys.filter((key) => key.toLowerCase() === selector);
  return exact.length > 0 ? exact : keys.filter((key) => key.toLowerCase().startsWith(`${selector}/`));
}

/** Throws `usage` where a rule names none of the keys. `place` says whose they are: `ticker`. */
export function requireSelected(rules: readonly Rule[], keys: readonly string[], place: string): void {
  for (const rule of rules) {
    if (selectedKeys(rule, keys).length > 0) continue;
    const known = keys.length === 0 ? 'nothing was measured' : `there are ${keys.join(', ')}`;
    throw new Failure('usage', `"${rule.text}": there is no variant "${rule.selector}" in ${place}; ${known}`);
  }
}

/** What a rule may name of a report: no copies. */
function selectableGroups(report: Report): (readonly [key: string, group: Group])[] {
  return report.groups.flatMap((group) => {
    const trial = group.rows[0]?.trial;
    return group.isCopy || trial === undefined ? [] : [[variantKey(trial.variant, report.result.workload), group]];
  });
}

export function selectableKeys(report: Report): string[] {
  return [...new Set(selectableGroups(report).map(([key]) => key))];
}

export function selectedGroups(rule: Rule, report: Report): Group[] {
  const keys = new Set(selectedKeys(rule, selectableKeys(report)));
  return selectableGroups(report).flatMap(([key, group]) => (keys.has(key) ? [group] : []));
}
