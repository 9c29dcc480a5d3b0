import { DIMENSIONS } from '../../../scenarios/dimensions.ts';
import { isSilent } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { significant } from '../../../scenarios/units.ts';
import type { Variant } from '../../../scenarios/variant.ts';
import { COMPARED, type ComparedMetric, type ComparedMetricId } from '../../figures/compared.ts';
import { derive, type Figure, isAvailable, sum } from '../../figures/figure.ts';
import { type Figures, supportingMessages } from '../../figures/figures.ts';
import { isSupported, supportText } from '../../figures/statistics.ts';
import { countOf, distinct, listOf, percentText, rangeText } from '../../figures/wording.ts';
import { html, type Markup } from '../../html/html.ts';
import { intervalText, ratioText } from '../../report/answer/phrases.ts';
import { UNSUPPORTED_MARK } from '../../report/comparison.ts';
import { centreOf, type Group, messagesOf, rangeOf, upperPercentile } from '../../report/groups.ts';
import { headlineMetrics, type Ranking, rankingOf } from '../../report/ratios.ts';
import type { Report } from '../../report/report.ts';
import type { MeasuredRow } from '../../report/rows.ts';
import { figureCell } from '../section.ts';

const NOTHING_COUNTS = { reason: 'no trial of it counts' };

export interface VariantColumn {
  readonly title: string;
  readonly number: true;
  readonly percentile: number | undefined;
  readonly figureOf: (group: Group) => Figure;
  readonly ofGroup: (group: Group) => Markup;
  readonly ofTrial: (row: MeasuredRow) => Markup;
}

export function columnsOf(report: Report, groups: readonly Group[]): VariantColumn[] {
  const metrics = isSilent(report.result.workload.feed) ? headlineMetrics(report) : metricsOfMessages(report, groups);
  const sorted = metrics.toSorted((a, b) => (COMPARED[a].percentile ?? 100) - (COMPARED[b].percentile ?? 100));
  return [
    ...sorted.map((id) => metricColumn(report, COMPARED[id])),
    ...emptyPolls(groups),
    ...originReads(groups),
    ...unsteady(groups),
  ];
}

function metricsOfMessages(report: Report, groups: readonly Group[]): ComparedMetricId[] {
  const upper = upperPercentile(groups);
  return [
    'staleness.p50',
    'staleness.p90',
    ...(upper === 90 ? [] : [`staleness.p${upper}` as const]),
    'staleness.max',
    'bytes.wire',
    // A message costs more where others are left out for it, and a client costs less.
    ...(report.measured.some(({ trial }) => trial.audit.leftOut > 0) ? (['bytes.client'] as const) : []),
    'cpu.server',
    'memory.server',
  ];
}

function metricColumn(report: Report, metric: ComparedMetric): VariantColumn {
  const { id, label, percentile } = metric;
  const ranking = headlineMetrics(report).includes(id) ? rankingOf(report, id) : NOT_RANKED;
  return {
    title: label,
    number: true,
    percentile,
    figureOf: (group) => centreOf(group, id),
    ofGroup: (group) => {
      const centre = percentileCell(centreOf(group, id), metric, messagesOf(group));
      const figure = isAmongBest(ranking, group) ? html`<b>${centre}</b>` : centre;
      return html`${figure}${range(group, metric)}${toBest(ranking, group)}`;
    },
    ofTrial: ({ trial, figures }) => percentileCell(metric.of(trial, figures), metric, supportingMessages(trial)),
  };
}

const NOT_RANKED: Ranking = { state: 'unranked', reason: 'it is no headline' };

/** The best, or not told apart from it. */
function isAmongBest(ranking: Ranking, group: Group): boolean {
  return ranking.state === 'ranked' && (ranking.best === group || ranking.tied.includes(group));
}

/** How much it is of the best, with the interval that it has in the ranking. */
function toBest(ranking: Ranking, { key }: Group): Markup | undefined {
  const ratio = ranking.state === 'ranked' ? ranking.toBest.get(key) : undefined;
  if (ratio?.state !== 'estimated') return undefined;
  const { dependsOnSuspects } = ratio;
  const interval = intervalText(ratio);
  const size = ratioText(ratio.ratio);
  if (interval === undefined && size === ratioText(1)) return undefined;
  const text = `×${size}${interval === undefined ? '' : ` (${interval.replace(' to ', '–')})`}`;
  if (dependsOnSuspects === 0) return html`<small class="ratio">${text}</small>`;
  return html`<small class="ratio doubt">${text}, depends on ${countOf(dependsOnSuspects, 'suspect trial')}</small>`;
}

function isSupportedBy(percentile: number | undefined, messages: number): boolean {
  return percentile === undefined || isSupported(percentile, messages);
}

function percentileCell(figure: Figure, { percentile, format }: ComparedMetric, messages: number): Markup {
  const content = figureCell(figure, format);
  if (!isAvailable(figure) || isSupportedBy(percentile, messages)) return content;
  return html`<span class="muted">${UNSUPPORTED_MARK}\u00a0${content}</span>`;
}

/** What lies between the trials, where it does not round to their centre. */
function range(group: Group, { id, format }: ComparedMetric): Markup | undefined {
  const ends = rangeOf(group, id);
  const centre = centreOf(group, id);
  if (ends === undefined || !isAvailable(centre)) return undefined;
  const [low, high] = [format(ends[0]), format(ends[1])];
  return low === high && low === format(centre)
    ? undefined
    : html`<small>${rangeText(low, high).replace(' to ', '–')}</small>`;
}

function asks({ cadence }: Group): boolean {
  return cadence === 'interval' || cadence === 'held';
}

/** Where clients ask: how many answers had nothing in them. */
function emptyPolls(groups: readonly Group[]): VariantColumn[] {
  if (!groups.some((group) => asks(group) && isAvailable(emptyShareOf(group)))) return [];
  return [
    {
      title: 'empty polls',
      number: true,
      percentile: undefined,
      figureOf: (group) => (asks(group) ? emptyShareOf(group) : 0),
      ofGroup: (group) => (asks(group) ? figureCell(emptyShareOf(group), percentText) : html`–`),
      ofTrial: ({ figures }) => (isAvailable(figures.emptyShare) ? html`${percentText(figures.emptyShare)}` : html`–`),
    },
  ];
}

/** Where something stands behind a node, or its polls share what it asked: of itself alone it can be asked as often as one likes. */
function originReads(groups: readonly Group[]): VariantColumn[] {
  const matters = groups.some(({ counting }) => counting.some(({ trial: { variant } }) => asksOrigin(variant)));
  if (!matters) return [];
  return [
    meanColumn({
      title: 'origin reads per node and second',
      of: ({ originReadsPerNodeSecond }) => originReadsPerNodeSecond,
      format: significant,
    }),
  ];
}

/** Of all trials together: the answers are counted, not the shares averaged. */
function emptyShareOf({ counting }: Group): Figure {
  let [empty, asked] = [0, 0];
  for (const {
    figures: { emptyShare, answers },
  } of counting) {
    if (!isAvailable(emptyShare)) return emptyShare;
    if (!isAvailable(answers)) return answers;
    empty += emptyShare * answers;
    asked += answers;
  }
  return asked === 0 ? NOTHING_COUNTS : empty / asked;
}

interface Steady {
  readonly title: string;
  readonly of: (figures: Figures) => Figure;
  readonly format: (value: number) => string;
  readonly say: (text: string) => string;
}

/** What a scenario asks of all variants alike: a column where they did not come to the same, otherwise a sentence. */
const STEADY: readonly Steady[] = [
  {
    title: 'connections',
    of: ({ connectionsPeak }) => connectionsPeak,
    format: (count) => count.toLocaleString('en-US', { maximumFractionDigits: 0 }),
    say: (text) => `held ${text} connections`,
  },
  {
    title: 'deliveries per second',
    of: ({ deliveriesPerSecond }) => deliveriesPerSecond,
    format: significant,
    say: (text) => `delivered ${text} messages a second`,
  },
];

function textsOf({ of, format }: Steady, groups: readonly Group[]): string[] {
  const figures = groups.flatMap(({ counting }) => counting.map((row) => of(row.figures)));
  return distinct(figures.flatMap((figure) => (isAvailable(figure) ? [format(figure)] : [])));
}

/** What is the same in all rows is no column. */
export function constantsText(groups: readonly Group[]): string {
  const held = STEADY.flatMap((steady) => {
    const [text, ...others] = textsOf(steady, groups);
    // Where nothing is said nobody delivers anything.
    return text === undefined || text === '0' || others.length > 0 ? [] : [steady.say(text)];
  });
  return held.length === 0 ? '' : `Each ${held.join(' and ')}.`;
}

function unsteady(groups: readonly Group[]): VariantColumn[] {
  return STEADY.filter((steady) => textsOf(steady, groups).length > 1).map(meanColumn);
}

function asksOrigin({ values: { origin, cache } }: Variant): boolean {
  const { origin: usualOrigin, cache: usualCache } = DIMENSIONS;
  return (origin ?? usualOrigin.usual) !== usualOrigin.usual || (cache ?? usualCache.usual) !== usualCache.usual;
}

/** The plain mean over the trials that count. */
function meanColumn({ title, of, format }: Pick<Steady, 'title' | 'of' | 'format'>): VariantColumn {
  const figureOf = ({ counting }: Group): Figure =>
    derive(
      counting.map(({ figures }) => of(figures)),
      (...values) => sum(values) / values.length,
    );
  return {
    title,
    number: true,
    percentile: undefined,
    figureOf,
    ofGroup: (group) => figureCell(group.counting.length === 0 ? NOTHING_COUNTS : figureOf(group), format),
    ofTrial: ({ figures }) => figureCell(of(figures), format),
  };
}

/** Which of the headline columns rank nothing, and why. */
export function unrankedText(report: Report): string {
  const reasons = headlineMetrics(report).flatMap((id) => {
    const ranking = rankingOf(report, id);
    return ranking.state === 'unranked' ? [{ label: COMPARED[id].label, reason: ranking.reason }] : [];
  });
  const texts = [...Map.groupBy(reasons, ({ reason }) => reason)].map(
    ([reason, of]) => `${listOf(of.map(({ label }) => label))}: ${reason}`,
  );
  return texts.length === 0 ? '' : `Not ranked: ${texts.join('; ')}.`;
}

/** What ≈ marks, and what there were messages for. */
export function supportNote(columns: readonly VariantColumn[], groups: readonly Group[]): string {
  const unsupported = groups.filter(
    (group) =>
      group.counting.length > 0 && columns.some(({ percentile }) => !isSupportedBy(percentile, messagesOf(group))),
  );
  if (unsupported.length === 0) return '';
  const texts = distinct(unsupported.map((group) => supportText(messagesOf(group))));
  return `${UNSUPPORTED_MARK} marks a percentile with fewer than ten messages beyond it, which ranks nothing: ${texts.join('; ')}.`;
}
