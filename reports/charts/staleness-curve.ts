import { Histogram } from '../../scenarios/measures/histogram.ts';
import { formatDuration } from '../../scenarios/units.ts';
import { isAvailable, sum } from '../figures/figure.ts';
import { histogramOf } from '../figures/figures.ts';
import { highestSupported, percentileAt, percentilePosition, supportText } from '../figures/statistics.ts';
import { chosen, distinct, listOf } from '../figures/wording.ts';
import { type Group, messagesOf } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import { drawnGroups, sharedLines, shortName, type Subject, subjectOf } from './subject.ts';
import type { Line, LinePlot } from './line-plot.ts';
import { placesOf } from './places.ts';
import { logarithmicScale, type Scale, shareOf } from './scale.ts';

/** Where the curve bends most it has the most points. */
const FINE_UP_TO = 0.3;
const STEPS = { fine: 0.05, coarse: 0.1 } as const;
const MARKED = [50, 90, 99, 99.9];
const TICKS: Scale['ticks'] = [
  ...[50, 90, 99, 99.9, 99.99, 99.999].map((percentile) => ({ percentile, level: 0 })),
  ...[0, 75, 95, 99.5].map((percentile) => ({ percentile, level: 1 })),
  ...[10, 20, 30, 40, 60, 70, 80, 97, 98, 99.7, 99.8].map((percentile) => ({ percentile, level: 2 })),
].map(({ percentile, level }) => ({ value: percentilePosition(percentile), text: `p${percentile}`, level }));
/** A logarithmic scale has no zero. */
const LEAST_NS = 1e4;
const HEIGHT_PX = 280;

interface Curves {
  readonly title: string;
  readonly plot: LinePlot;
}

/** Lines that are drawn in one plot. */
export interface CurveSet {
  readonly id: string;
  readonly title: string;
  readonly members: readonly { readonly subject: Subject; readonly group: Group }[];
}

/** Staleness by percentile, a plot for each place where groups ran; empty where nothing was delivered. */
export function stalenessCurves(report: Report): Curves[] {
  return curvesOf(
    placesOf(report.result, drawnGroups(report)).map(({ title, groups }, index) => ({
      id: `staleness-${index + 1}`,
      title,
      members: groups.map((group) => ({ group, subject: subjectOf(group) })),
    })),
  );
}

/** Staleness by percentile, a plot a set, all on the same scales; what delivered nothing is left out. */
export function curvesOf(sets: readonly CurveSet[]): Curves[] {
  const drawn = sets
    .map((set) => ({ ...set, members: set.members.filter(({ group }) => hasStaleness(group)) }))
    .filter(({ members }) => members.length > 0);
  const groups = drawn.flatMap(({ members }) => members.map(({ group }) => group));
  if (groups.length === 0) return [];
  const at = positionsOf(groups);
  const plots = drawn.map((set) => ({ ...set, lines: set.members.map((member) => curveOf(member, at)) }));
  const x: Scale = {
    type: 'linear',
    min: 0,
    max: at.at(-1) ?? 1,
    ticks: TICKS.filter(({ value }) => value <= (at.at(-1) ?? 1)).toSorted((a, b) => a.value - b.value),
  };
  const y = logarithmicScale(
    plots.flatMap(({ lines }) => lines.flatMap(extent)),
    (ns) => chosen(formatDuration(ns)),
  );
  return plots.map(({ id, title, lines }) => ({
    title,
    plot: {
      id,
      label: `Staleness by percentile of deliveries, ${title}. The numbers are in the table of variants.`,
      x,
      y,
      at,
      marks: MARKED.map(percentilePosition).map((position) => nearest(at, position)),
      lines,
      heightPx: HEIGHT_PX,
      texts: { at: percentileText, value: formatDuration },
    },
  }));
}

function hasStaleness({ counting }: Group): boolean {
  return counting.every(({ trial }) => histogramOf(trial, 'staleness') instanceof Histogram);
}

/** A grid, with what is marked, and where each group's messages support no more. */
function positionsOf(groups: readonly Group[]): number[] {
  const end = Math.max(...groups.map(endOf));
  const grid: number[] = [];
  for (let step = 0; step < FINE_UP_TO; step += STEPS.fine) grid.push(step);
  for (let step = FINE_UP_TO + STEPS.coarse; step <= end; step += STEPS.coarse) grid.push(step);
  const marked = MARKED.map(percentilePosition).filter((position) => position <= end);
  const all = [...grid, ...marked, ...groups.map(supportedOf), ...groups.map(endOf)];
  return distinct(all.map((position) => Number(position.toFixed(4)))).toSorted((a, b) => a - b);
}

function nearest(values: readonly number[], wanted: number): number {
  return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best), 0);
}

function supportedOf(group: Group): number {
  return percentilePosition(highestSupported(messagesOf(group)));
}

/** One nine beyond what is supported, dotted, as far as there are deliveries for it. */
function endOf(group: Group): number {
  const deliveries = sum(
    group.counting.map(({ figures }) => (isAvailable(figures.deliveries) ? figures.deliveries : 0)),
  );
  const most = percentilePosition(highestSupported(deliveries));
  return Math.max(percentilePosition(50), Math.min(most, supportedOf(group) + 1));
}

/** The geometric mean of the trials' percentiles, as in tables and ratios, with the least and the most of them. */
function curveOf({ group, subject }: CurveSet['members'][number], at: readonly number[]): Line {
  const histograms = group.counting.flatMap(({ trial }) => {
    const histogram = histogramOf(trial, 'staleness');
    return histogram instanceof Histogram ? [histogram] : [];
  });
  const end = endOf(group);
  const perTrial = at.map((position) =>
    position > end + 1e-4
      ? []
      : histograms.map((histogram) => Math.max(LEAST_NS, histogram.percentileNs(percentileAt(position)))),
  );
  return {
    subject,
    values: perTrial.map((values) => (values.length === 0 ? null : geometricMean(values))),
    ...(histograms.length > 1 && {
      ranges: perTrial.map((values) =>
        values.length === 0 ? null : ([Math.min(...values), Math.max(...values)] as const),
      ),
    }),
    solid: { from: 0, to: Number(supportedOf(group).toFixed(4)) },
  };
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(sum(values.map((value) => Math.log(value))) / values.length);
}

function extent({ values, ranges = [] }: Line): number[] {
  return [...values.filter((value) => value !== null), ...ranges.flatMap((range) => range ?? [])];
}

/** `p99.9`: as many digits as its place on the axis tells. */
function percentileText(position: number): string {
  return `p${Number(percentileAt(position).toFixed(Math.max(0, Math.ceil(position + 1e-4) - 1)))}`;
}

/** Nearer than this on the drawing two lines are one. */
const COINCIDE_PX = 3;

/** Of lines that nobody can tell apart, in words: `The lines of SSE and WebSocket coincide.` */
export function coincidence(plot: LinePlot): string | undefined {
  const shared = sharedLines(plot.lines.map(({ subject }) => subject));
  const left = new Set(plot.lines);
  const sets = plot.lines.flatMap((first) => {
    if (!left.has(first)) return [];
    const alike = [...left].filter((other) => other === first || areAlike(plot, first, other));
    for (const line of alike) left.delete(line);
    return alike.length < 2 ? [] : [listOf(alike.map(({ subject }) => shortName(subject, shared)))];
  });
  return sets.length === 0 ? undefined : `The lines of ${sets.join('; of ')} coincide.`;
}

/** As far as the messages of both support. */
function areAlike({ at, y, heightPx }: LinePlot, a: Line, b: Line): boolean {
  const supported = at.flatMap((x, index) => {
    const [one, other] = [a.values[index], b.values[index]];
    return x > Math.min(a.solid.to, b.solid.to) ? [] : [[one ?? y.min, other ?? y.min] as const];
  });
  return supported.every(([one, other]) => Math.abs(shareOf(y, one) - shareOf(y, other)) * heightPx < COINCIDE_PX);
}

/** What it takes to read the curves, said once for all of them. */
export function curveNotes(report: Report): string {
  const groups = drawnGroups(report);
  const trials = Math.max(...groups.map(({ counting }) => counting.length));
  const line =
    trials > 1
      ? 'Line: centre of the trials at each percentile (geometric mean, as in the table); band and bars: lowest to highest of them.'
      : 'One trial each: no range.';
  const support = distinct(groups.map(messagesOf)).toSorted((a, b) => a - b)[0] ?? 0;
  return `Staleness, from the moment a message was due to the moment it was readable, by the share of deliveries that were no staler; each further nine has the same room, and the scale of staleness is logarithmic. ${line} Dotted: too few messages (${supportText(support)}).`;
}
