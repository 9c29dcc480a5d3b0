import type { Group } from '../report/groups.ts';
import type { Report } from '../report/report.ts';

/** The groups that another result may have too, by a key that is equal for the same variant in both; no copies. */
export function matchableGroups({ groups, result }: Report): Map<string, Group> {
  const own = groups.filter(({ isCopy }) => !isCopy);
  return new Map(own.map((group) => [matchKey(group, result.workload.clients), group]));
}

/** How many clients a scenario has is a setting of it, as the rest of its feed is. */
function matchKey({ key, rows }: Group, usualClients: number): string {
  const clients = rows[0]?.trial.clients ?? usualClients;
  return clients === usualClients ? key.replace(` ${clients}`, '') : key;
}
