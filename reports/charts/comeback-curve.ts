import { percentBy, type TimesOfShares } from '../../scenarios/reconnect/shares.ts';
import { formatDuration, NS_PER_SECOND, significant } from '../../scenarios/units.ts';
import { disruptionsOf, type DisruptionFigures } from '../figures/disruptions.ts';
import { chosen } from '../figures/wording.ts';
import type { Group } from '../report/groups.ts';
import type { Line, LinePlot } from './line-plot.ts';
import { linearScale, type Scale } from './scale.ts';
import { subjectOf } from './subject.ts';

const HEIGHT_PX = 220;
const POINTS = 60;

/** Which of the two curves: when they had a connection again, or when they had all that they had missed. */
type CurveId = 'connectedNs' | 'caughtUpNs';

const NAMES: Readonly<Record<CurveId, string>> = {
  connectedNs: 'connected again',
  caughtUpNs: 'caught up',
};

/** How many of a hundred who were dropped by a fault were back, over the time since. Undefined where none was. */
export function comebackCurve(id: CurveId, groups: readonly Group[], index: number): LinePlot | undefined {
  const drawn = groups.flatMap((group) => {
    const figures = disruptionsOf(group.counting.map(({ trial }) => trial))[index];
    return figures === undefined || lastOf(figures[id]) === undefined ? [] : [{ group, figures }];
  });
  const seconds = Math.max(...drawn.flatMap(({ figures }) => lastOf(figures[id]) ?? [])) / NS_PER_SECOND;
  if (drawn.length === 0) return undefined;
  const x = linearScale([seconds], (value) => `${chosen(significant(value))} s`);
  const at = Array.from({ length: POINTS + 1 }, (_, step) => Number(((step * x.max) / POINTS).toPrecision(6)));
  return {
    id: `comeback-${index + 1}-${id === 'connectedNs' ? 'connected' : 'caught-up'}`,
    label: `Share of the dropped clients that were ${NAMES[id]}, over the time since the fault. The numbers are in the table below.`,
    x,
    y: PER_CENT,
    at,
    marks: [],
    lines: drawn.map(({ group, figures }) => lineOf(group, figures[id], at)),
    heightPx: HEIGHT_PX,
    texts: { at: (value) => `after ${formatDuration(value * NS_PER_SECOND)}`, value: (value) => `${value} %` },
  };
}

const PER_CENT: Scale = {
  type: 'linear',
  min: 0,
  max: 100,
  ticks: [0, 25, 50, 75, 100].map((value) => ({ value, text: `${value} %`, level: value % 50 === 0 ? 0 : 1 })),
};

function lastOf(times: DisruptionFigures[CurveId]): number | undefined {
  return times.findLast((time) => time !== null) ?? undefined;
}

function lineOf(group: Group, times: TimesOfShares, at: readonly number[]): Line {
  return {
    subject: subjectOf(group),
    values: at.map((seconds) => percentBy(times, seconds * NS_PER_SECOND)),
    solid: { from: 0, to: at.at(-1) ?? 0 },
  };
}
