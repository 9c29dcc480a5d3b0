import type { Group } from '../report/groups.ts';
import type { Report } from '../report/report.ts';

/** The groups that another result may have too, by a key that is equal for the same variant in both; no copies. */
export function matchableGroups({ groups, result }: Report): Map<string, Group> {
  const own = groups.filter(({ isCopy }) => !isCopy);
  return new Map(own.map((group) => [matchKey(group, result.workload.clients), group]));
}

/**
 * Of several results, each group by the key under which it stands in the first: a server of somebody's own is held against the one
 * variant of the transport that is nearest to it, and the other way round, where there is one and no more.
 */
export function matchedGroups(reports: readonly Report[]): Map<string, Group>[] {
  const [first, ...others] = reports.map((report) => ({ report, groups: matchableGroups(report) }));
  if (first === undefined) return [];
  return [first.groups, ...others.map(({ report, groups }) => renamed({ report, groups }, first))];
}

interface Side {
  readonly report: Report;
  readonly groups: Map<string, Group>;
}

function renamed(side: Side, first: Side): Map<string, Group> {
  return new Map(
    [...side.groups].map(([key, group]) => {
      const akin = [...first.groups].filter(([, other]) => isAkin({ side, group }, { side: first, group: other }));
      const [found] = akin;
      return akin.length === 1 && found !== undefined && !first.groups.has(key) ? [found[0], group] : [key, group];
    }),
  );
}

interface Placed {
  readonly side: Side;
  readonly group: Group;
}

function isAkin(one: Placed, other: Placed): boolean {
  const [a, b] = [kindOf(one), kindOf(other)];
  return (a.isOutside || b.isOutside) && a.transport === b.transport;
}

function kindOf({ side, group }: Placed): { readonly transport: string | undefined; readonly isOutside: boolean } {
  const transport = group.rows[0]?.trial.variant.transport;
  const traits = side.report.result.transports[transport ?? ''];
  return { transport: traits?.nearest ?? transport, isOutside: traits?.outside === true };
}

/** How many clients a scenario has is a setting of it, as the rest of its feed is. */
function matchKey({ key, rows }: Group, usualClients: number): string {
  const clients = rows[0]?.trial.clients ?? usualClients;
  return clients === usualClients ? key.replace(` ${clients}`, '') : key;
}
