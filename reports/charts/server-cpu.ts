import { PROCESS_ROLES, type Role, SERVER_ROLES } from '../../scenarios/process-roles.ts';
import { NS_PER_US } from '../../scenarios/units.ts';
import { derive, type Figure, per } from '../figures/figure.ts';
import type { Figures } from '../figures/figures.ts';
import type { Chart } from './chart.ts';
import { stackBars } from './stacked-bars.ts';

/** In microseconds. */
function cpuPerMessage({ cpuNs, deliveries }: Figures, role: Role): Figure {
  const microseconds = derive([cpuNs[role]], (total) => total / NS_PER_US);
  return per(microseconds, deliveries, 'nothing was delivered in the window');
}

const PARTS: Parameters<typeof stackBars>[1] = SERVER_ROLES.map((role) => ({
  label: PROCESS_ROLES[role].label,
  of: (figures) => cpuPerMessage(figures, role),
}));

export const serverCpu: Chart = {
  id: 'server-cpu',
  question: 'What does a delivered message cost the server?',
  caption: () =>
    'CPU time of the server processes in the window, from the scheduler’s own account, divided by the messages delivered in it.',
  build: ({ measured }) => stackBars(measured, PARTS, { title: 'CPU per delivered message', format: 'microseconds' }),
};
