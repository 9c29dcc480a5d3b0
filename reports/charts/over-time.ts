import { formatDuration, NS_PER_SECOND, significant } from '../../scenarios/units.ts';
import { isAvailable, sum } from '../figures/figure.ts';
import { serverCpuNsPerBin } from '../figures/figures.ts';
import { chosen } from '../figures/wording.ts';
import { centreOf, type Group } from '../report/groups.ts';
import type { MeasuredRow } from '../report/rows.ts';
import type { Line, LinePlot } from './line-plot.ts';
import { subjectOf } from './subject.ts';
import { linearScale, logarithmicScale, type Scale } from './scale.ts';

/** A group over time: its staleness as a multiple of its own median, and the server's CPU. */
export interface Panel {
  readonly group: Group;
  readonly medianNs: number;
  readonly staleness: LinePlot;
  readonly cpu: LinePlot | undefined;
}

/** More points than this are no more to be seen in a panel, and cost a page with many of them dear. */
const MOST_POINTS = 60;
const HEIGHT_PX = { staleness: 76, cpu: 48 } as const;
/** Every panel has room for half and twice, so that noise does not look like a change. */
const LEAST_RATIOS = [0.5, 2];

/** Panels on one scale each for staleness and CPU; a point a bin, at its end. */
export function panelsOf(groups: readonly Group[]): Panel[] {
  const all = groups.flatMap((group) => {
    const medianNs = centreOf(group, 'staleness.p50');
    return isAvailable(medianNs) && medianNs > 0 ? [{ group, medianNs, ...seriesOf(group, medianNs) }] : [];
  });
  if (all.length === 0) return [];
  const ratios = logarithmicScale(
    [...LEAST_RATIOS, ...all.flatMap(({ staleness }) => extent(staleness.line))],
    ratioText,
  );
  const percents = linearScale(
    all.flatMap(({ cpu }) => extent(cpu.line)),
    percentText,
  );
  return all.map(({ group, medianNs, staleness, cpu }, index) => ({
    group,
    medianNs,
    staleness: {
      ...plotOf(`time-${index + 1}`, staleness),
      quantity: 'staleness',
      label: `Median staleness of ${group.label} over time, as a multiple of ${formatDuration(medianNs)}.`,
      y: ratios,
      heightPx: HEIGHT_PX.staleness,
      texts: { at: secondText, value: (ratio) => formatDuration(ratio * medianNs) },
    },
    cpu:
      extent(cpu.line).length === 0
        ? undefined
        : {
            ...plotOf(`cpu-${index + 1}`, cpu),
            quantity: 'server CPU',
            label: `CPU of the server of ${group.label} over time.`,
            y: percents,
            heightPx: HEIGHT_PX.cpu,
            texts: { at: secondText, value: percentText },
          },
  }));
}

function ratioText(ratio: number): string {
  return `${Number(ratio.toPrecision(3))}×`;
}

function percentText(percent: number): string {
  return `${chosen(significant(percent))} %`;
}

function secondText(seconds: number): string {
  return `second ${chosen(significant(seconds))}`;
}

interface Series {
  readonly at: readonly number[];
  readonly line: Line;
  readonly warmUp: { readonly from: number; readonly to: number };
}

function plotOf(id: string, { at, line, warmUp }: Series): Omit<LinePlot, 'label' | 'y' | 'heightPx' | 'texts'> {
  const seconds = at.at(-1) ?? 1;
  const ticks = [0, seconds].map((value) => ({ value, text: `${chosen(significant(value))} s`, level: 0 }));
  const x: Scale = { type: 'linear', min: 0, max: seconds, ticks };
  return { id, x, at, marks: [], lines: [line], shaded: warmUp };
}

function seriesOf(group: Group, medianNs: number): { staleness: Series; cpu: Series } {
  const ratios = ({ trial }: MeasuredRow): readonly (number | null)[] =>
    (trial.histogramsPerBin.staleness ?? []).map((bin) => (bin === null ? null : Math.max(1, bin.p50Ns) / medianNs));
  return { staleness: thinned(group, ratios, geometricMean), cpu: thinned(group, cpuPercents, mean) };
}

/** Of one core; nothing where it is not known. */
function cpuPercents({ trial, figures }: MeasuredRow): readonly number[] {
  if (!isAvailable(figures.serverCpuNs)) return [];
  return serverCpuNsPerBin(trial).map((cpuNs) => (100 * cpuNs) / trial.window.binNs);
}

/** Neighbouring bins fall together where there are too many of them. */
function thinned(
  group: Group,
  of: (row: MeasuredRow) => readonly (number | null)[],
  fold: (values: number[]) => number,
): Series {
  const perTrial = group.counting.map(of);
  const windows = group.counting.map(({ trial }) => trial.window);
  const bins = Math.max(0, ...windows.map((window) => window.bins));
  const binSeconds = (windows[0]?.binNs ?? NS_PER_SECOND) / NS_PER_SECOND;
  const step = Math.max(1, Math.ceil(bins / MOST_POINTS));
  const chunks = Array.from({ length: Math.ceil(bins / step) }, (_, chunk) => {
    const [from, to] = [chunk * step, Math.min(bins, (chunk + 1) * step)];
    const trials = perTrial.flatMap((values) => {
      const own = values.slice(from, to).filter((value) => value !== null);
      return own.length === 0 ? [] : [fold(own)];
    });
    return { at: to * binSeconds, trials };
  });
  const solid = {
    from: Math.max(0, ...windows.map(({ firstBin }) => firstBin)) * binSeconds,
    to: Math.max(0, ...windows.map(({ endBin }) => endBin)) * binSeconds,
  };
  return {
    at: chunks.map(({ at }) => at),
    line: {
      subject: subjectOf(group),
      values: chunks.map(({ trials }) => (trials.length === 0 ? null : fold(trials))),
      ...(perTrial.length > 1 && {
        ranges: chunks.map(({ trials }) =>
          trials.length === 0 ? null : ([Math.min(...trials), Math.max(...trials)] as const),
        ),
      }),
      solid,
    },
    warmUp: { from: 0, to: solid.from },
  };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(sum(values.map((value) => Math.log(value))) / values.length);
}

function extent({ values, ranges = [] }: Line): number[] {
  return [...values.filter((value) => value !== null), ...ranges.flatMap((range) => range ?? [])];
}

/** Beyond half and twice a group did not hold. */
const HOLDS = 2;
const MOST_NAMED = 3;

/** Did it hold? In words, of the measured window alone. */
export function holdText(panels: readonly Panel[]): string {
  const extremes = panels.map(({ group, medianNs, staleness: { at, lines } }) => {
    const [line] = lines;
    const points = at.flatMap((x, index) => {
      const value = line?.values[index] ?? null;
      return line === undefined || value === null || x <= line.solid.from || x > line.solid.to ? [] : [{ x, value }];
    });
    const highest = points.toSorted((a, b) => b.value - a.value)[0];
    const lowest = points.toSorted((a, b) => a.value - b.value)[0];
    return { group, medianNs, highest, lowest };
  });
  const broken = extremes.flatMap(({ group, medianNs, highest }) =>
    highest === undefined || highest.value <= HOLDS
      ? []
      : [
          `${group.label} rose to ${formatDuration(highest.value * medianNs)} (${significant(highest.value)} times its own) by ${secondText(highest.x)}`,
        ],
  );
  const rest = broken.length === 0 ? 'every variant' : 'each of the others';
  const held = broken.length === panels.length ? [] : [`the median staleness of ${rest} stayed below twice its own`];
  const more = broken.length > MOST_NAMED ? [`${broken.length - MOST_NAMED} more did so`] : [];
  return `After the warm-up (shaded, in no figure) ${[...held, ...broken.slice(0, MOST_NAMED), ...more].join('; ')}.`;
}
