import { join } from 'node:path';
import { type Ceiling, parseCeiling } from '../../scenarios/result/ceiling.ts';
import { Failure } from '../../scenarios/failures.ts';
import { formatDuration, NS_PER_SECOND, significant } from '../../scenarios/units.ts';
import { writeWhole } from '../output.ts';
import { readJson } from '../read-result.ts';
import { renderCeilingPage } from './ceiling-page.ts';

export const CEILING_FILE = 'ceiling.json';

/** Throws `unreadable` where the file is not there, not JSON, or not a ceiling that this version knows. */
export function readCeiling(path: string): Ceiling {
  const ceiling = parseCeiling(readJson(path));
  if (typeof ceiling !== 'string') return ceiling;
  throw new Failure(
    'unreadable',
    `${path} is not a ceiling that can be read: ${ceiling}; measure it again, or use the feedbench that wrote it`,
  );
}

/** Writes the page beside the ceiling; returns its path. Throws `disk-full`, `unwritable`. */
export function writeCeiling(folder: string, ceiling: Ceiling): string {
  const path = join(folder, 'index.html');
  writeWhole(path, renderCeilingPage(ceiling));
  return path;
}

/** One line about a point that has ended. */
export function pointText({ generators }: Pick<Ceiling, 'generators'>, point: Ceiling['points'][number]): string {
  const waiting = point.waiting === 0 ? 'empty' : `${point.waiting} message`;
  const label = generators[point.generator] ?? point.generator;
  const name = `${label.padEnd(10)} ${`${point.backplane} × ${point.nodes}`.padEnd(10)} ${waiting.padEnd(9)} ${String(point.connections).padStart(5)} connections`;
  if (point.state === 'failed') return `${name}  FAILED (${point.code}) ${point.message}`;
  const perSecond = significant((point.answers * NS_PER_SECOND) / point.windowNs);
  const errors = point.errors === 0 ? '' : `, ${point.errors} errors`;
  return `${name}  ${perSecond.padStart(7)} answers/s, p50 ${formatDuration(point.latency.p50Ns)}, p99 ${formatDuration(point.latency.p99Ns)}${errors}`;
}
