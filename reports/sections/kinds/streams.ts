import { cutsConnections } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { type HistogramId, METRICS } from '../../../scenarios/measures/metrics.ts';
import { exactDuration, formatDuration } from '../../../scenarios/units.ts';
import type { Figure } from '../../figures/figure.ts';
import { counterTotal, latencyFigure, latencyOf } from '../../figures/figures.ts';
import { html } from '../../html/html.ts';
import { type Column, table } from '../../html/table.ts';
import type { MeasuredRow } from '../../report/rows.ts';
import { figureCell, missingText, rowName, section, type Section, variantKeyOf } from '../section.ts';

/** How streams come that are read while they are written: how soon they begin, how evenly they go on, and what a cut costs. */
export const streams: Section = ({ result: { workload }, measured }) => {
  const { feed } = workload;
  if (feed.kind !== 'streams' || measured.length === 0) return undefined;
  const seen = cutsConnections(feed) ? [...PACE, ...CUT] : PACE;
  const columns = [{ title: 'trial', cell: rowName }, ...seen.map(columnOf)];
  const plannedGap = exactDuration(Math.round(1e9 / feed.streamPerSecond));
  const cut =
    feed.cut === undefined
      ? ''
      : ` The connection of a stream’s client is cut at its own end as soon as message ${feed.cut.after} is there, in ${feed.cut.share * 100} of 100 streams; the client comes back by its policy with the number of that message, and resumption is the gap in which that lies. What was on its way then comes again, once: the audit counts what is lost or doubled.`;
  return section(
    'How do the streams come?',
    html`${table(measured, columns, variantKeyOf)}<p class="note">Over the window, of all streams. The time to the first is from when the first message of a stream was due until its client could read it; what a model thinks before that is in no figure. A gap is between two messages that follow each other in a stream, as they became readable at its client: ${plannedGap} as they are due. Messages that come together have no gap between them, and one as long before them, so the mean says nothing of how even a stream is, and the percentiles do.${cut}${missingText(measured.flatMap((row) => seen.map(({ of }) => of(row))))}</p>`,
  );
};

interface Seen {
  readonly title: string;
  readonly of: (row: MeasuredRow) => Figure;
  readonly format: (value: number) => string;
}

function latency(id: HistogramId, field: 'p50Ns' | 'p99Ns' | 'maxNs'): Seen {
  return {
    title: `${METRICS[id].label} ${field.slice(0, -2)}`,
    of: ({ trial }) => latencyFigure(latencyOf(trial, id), field),
    format: formatDuration,
  };
}

const PACE: readonly Seen[] = [
  latency('toFirst', 'p50Ns'),
  latency('toFirst', 'p99Ns'),
  latency('gap', 'p50Ns'),
  latency('gap', 'p99Ns'),
  latency('gap', 'maxNs'),
];

const CUT: readonly Seen[] = [
  { title: METRICS.cuts.label, of: ({ trial }) => counterTotal(trial, 'cuts'), format: String },
  latency('resumption', 'p50Ns'),
  latency('resumption', 'maxNs'),
];

function columnOf({ title, of, format }: Seen): Column<MeasuredRow> {
  return { title, number: true, cell: (row) => figureCell(of(row), format) };
}
