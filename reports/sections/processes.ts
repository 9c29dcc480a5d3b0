import type { ProcessRecord } from '../../scenarios/result/result.ts';
import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { inWindow, windowNs } from '../../scenarios/result/result.ts';
import { processCpuNs, processWaitNs } from '../figures/figures.ts';
import { html, type Markup } from '../html/html.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { percentText } from '../figures/wording.ts';
import { type Column, groupedTable } from '../html/table.ts';
import { figureCell, rowName, section, type Section } from './section.ts';

interface Line {
  readonly row: MeasuredRow;
  readonly process: ProcessRecord;
}

function linesOf(row: MeasuredRow): { name: Markup; items: Line[] } {
  return { name: rowName(row), items: row.trial.processes.map((process) => ({ row, process })) };
}

export const processes: Section = ({ measured }) => {
  if (measured.length === 0) return undefined;
  return section(
    'What did each process use?',
    html`${groupedTable(measured.map(linesOf), COLUMNS)}<p class="note">CPU in the window as a share of one core; memory is the most that was resident at the end of a bin; event-loop delay is beyond the monitor’s own resolution.</p>`,
  );
};

const NOT_OURS = { reason: 'not a process with an event loop of Node' };

const COLUMNS: readonly Column<Line>[] = [
  { title: 'process', cell: ({ process }) => process.name },
  {
    title: 'cores',
    number: true,
    cell: ({ process }) => (process.cores.length === 0 ? 'any' : process.cores.join(', ')),
  },
  {
    title: 'CPU',
    number: true,
    cell: ({ row, process }) =>
      figureCell(processCpuNs(row.trial, process), (cpuNs) => percentText(cpuNs / windowNs(row.trial))),
  },
  {
    title: 'memory',
    number: true,
    cell: ({ row, process }) => formatBytes(Math.max(0, ...inWindow(row.trial, process.rssBytesPerBin))),
  },
  {
    title: 'event loop busy',
    number: true,
    cell: ({ process }) => figureCell(process.eventLoop?.utilization ?? NOT_OURS, percentText),
  },
  {
    title: 'waited for a core',
    number: true,
    cell: ({ row, process }) =>
      figureCell(processWaitNs(row.trial, process), (waitNs) => percentText(waitNs / windowNs(row.trial))),
  },
  {
    title: 'delay p99',
    number: true,
    cell: ({ process }) => figureCell(process.eventLoop?.delayP99Ns ?? NOT_OURS, formatDuration),
  },
  {
    title: 'longest',
    number: true,
    cell: ({ process }) => figureCell(process.eventLoop?.delayMaxNs ?? NOT_OURS, formatDuration),
  },
];
