import { inWindow, type MeasuredTrial, type ProcessRecord, windowNs } from '../../scenarios/result/result.ts';
import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { derive, type Figure, isAvailable, sum } from '../figures/figure.ts';
import { processCpuNs, processWaitNs } from '../figures/figures.ts';
import { distinct, percentText } from '../figures/wording.ts';
import { html } from '../html/html.ts';
import { type Column, groupedTable } from '../html/table.ts';
import type { Group } from '../report/groups.ts';
import { figureCell, missingText, rowName, section, type Section } from './section.ts';

/** A process of a variant, in each of the trials that count. */
interface Line {
  readonly name: string;
  readonly in: readonly Held[];
}

interface Held {
  readonly trial: MeasuredTrial;
  readonly process: ProcessRecord;
}

export const processes: Section = ({ groups }) => {
  const variants = groups.filter(({ isCopy, counting }) => !isCopy && counting.length > 0);
  if (variants.length === 0) return undefined;
  const bodies = variants.map((group) => ({ name: rowName(group), key: group.key, items: linesOf(group) }));
  const missing = missingText(
    bodies.flatMap(({ items }) => items.flatMap((line) => MEASURES.map(({ of }) => of(line)))),
  );
  return section(
    'What did each process use?',
    html`<details><summary>CPU, memory and event loop of every process</summary>${groupedTable(bodies, COLUMNS)}<p class="note">CPU in the window as a share of one core; memory is the most that was resident at the end of a bin; event-loop delay is beyond the monitor’s own resolution. Of several trials: the mean of CPU, of how busy the loop was and of waiting, the most of the others.${missing}</p></details>`,
  );
};

function linesOf({ counting }: Group): Line[] {
  const held = counting.flatMap(({ trial }) => trial.processes.map((process): Held => ({ trial, process })));
  return [...Map.groupBy(held, ({ process }) => process.name)].map(([name, own]) => ({ name, in: own }));
}

const NOT_OURS = { reason: 'not a process with an event loop of Node' };

interface Measure {
  readonly title: string;
  readonly of: (line: Line) => Figure;
  readonly format: (value: number) => string;
}

function meanOf(line: Line, of: (held: Held) => Figure): Figure {
  return derive(line.in.map(of), (...values) => sum(values) / values.length);
}

function mostOf(line: Line, of: (held: Held) => Figure): Figure {
  return derive(line.in.map(of), (...values) => Math.max(...values));
}

const MEASURES: readonly Measure[] = [
  {
    title: 'CPU',
    of: (line) => meanOf(line, ({ trial, process }) => shareOf(trial, processCpuNs(trial, process))),
    format: percentText,
  },
  {
    title: 'memory',
    of: (line) => mostOf(line, ({ trial, process }) => Math.max(0, ...inWindow(trial, process.rssBytesPerBin))),
    format: formatBytes,
  },
  {
    title: 'event loop busy',
    of: (line) => meanOf(line, ({ process }) => process.eventLoop?.utilization ?? NOT_OURS),
    format: percentText,
  },
  {
    title: 'waited for a core',
    of: (line) => meanOf(line, ({ trial, process }) => shareOf(trial, processWaitNs(trial, process))),
    format: percentText,
  },
  {
    title: 'delay p99',
    of: (line) => mostOf(line, ({ process }) => process.eventLoop?.delayP99Ns ?? NOT_OURS),
    format: formatDuration,
  },
  {
    title: 'longest',
    of: (line) => mostOf(line, ({ process }) => process.eventLoop?.delayMaxNs ?? NOT_OURS),
    format: formatDuration,
  },
];

function shareOf(trial: MeasuredTrial, timeNs: Figure): Figure {
  return isAvailable(timeNs) ? timeNs / windowNs(trial) : timeNs;
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'process', cell: ({ name }) => name },
  { title: 'cores', number: true, cell: coresText },
  ...MEASURES.map(
    ({ title, of, format }): Column<Line> => ({
      title,
      number: true,
      cell: (line) => figureCell(of(line), format),
    }),
  ),
];

function coresText(line: Line): string {
  const texts = line.in.map(({ process: { cores } }) => (cores.length === 0 ? 'any' : cores.join(', ')));
  return distinct(texts).join(' or ');
}
