import { PROCESS_ROLES, SERVER_ROLES } from '../../scenarios/process-roles.ts';
import { isAvailable } from '../figures/figure.ts';
import { centreOf, type Group, rangeOf } from '../report/groups.ts';
import { type Bar, layersOf } from './stacked-bars.ts';
import { subjectOf } from './subject.ts';

/** CPU of the server's processes for a delivered message, by what they are. */
export function serverCpuBar(group: Group): Bar | undefined {
  const total = centreOf(group, 'cpu.server');
  if (!isAvailable(total)) return undefined;
  const parts = SERVER_ROLES.flatMap((role, step) => {
    const values = group.counting.map(({ figures }) => figures.cpuNs[role]).filter((value) => isAvailable(value));
    return values.length === 0 ? [] : [{ step, label: PROCESS_ROLES[role].label, values }];
  });
  const range = group.counting.length > 1 ? rangeOf(group, 'cpu.server') : undefined;
  return { subject: subjectOf(group), layers: layersOf(total, parts), total, range };
}
