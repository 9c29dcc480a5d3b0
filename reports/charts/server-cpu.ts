import { isAvailable } from '../figure.ts';
import { isSuspect } from '../report.ts';
import type { BarDataset, Chart } from './chart.ts';

const PARTS = [
  { role: 'node', label: 'nodes', colour: 'layer-0' },
  { role: 'redis', label: 'Redis', colour: 'layer-1' },
] as const;

export const serverCpu: Chart = {
  id: 'server-cpu',
  question: 'What does a delivered message cost the server?',
  caption: () =>
    'CPU time of the server processes in the window, from the scheduler’s own account, divided by the messages delivered in it.',
  build: ({ measured }) => {
    if (measured.length === 0) return 'Nothing was measured.';
    const hollow = measured.map(isSuspect);
    return {
      type: 'bar',
      labels: measured.map(({ lines }) => lines),
      datasets: PARTS.map(
        ({ role, label, colour }): BarDataset => ({
          label,
          data: measured.map(({ figures: { cpuNs, deliveries } }) => {
            const total = cpuNs[role];
            return isAvailable(total) && isAvailable(deliveries) && deliveries > 0 ? total / deliveries / 1e3 : null;
          }),
          colour,
          hollow,
        }),
      ),
      value: { title: 'CPU per delivered message', format: 'microseconds' },
    };
  },
};
