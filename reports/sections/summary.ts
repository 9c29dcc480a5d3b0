import { dimension, DIMENSION_IDS, type Usual, usualValue, valueText } from '../../scenarios/dimensions.ts';
import { nodesOf, type Variant } from '../../scenarios/variant.ts';
import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { type Figure, isAvailable } from '../figures/figure.ts';
import { type Figures, latencyFigure } from '../figures/figures.ts';
import { feedRateText } from '../figures/feed-rate.ts';
import { html, type Markup } from '../html/html.ts';
import { problemsOf } from '../report/problems.ts';
import type { Report } from '../report/report.ts';
import { hasFaults, isSuspect, type MeasuredRow } from '../report/rows.ts';
import { chosen, countOf, distinct, listOf } from '../figures/wording.ts';
import type { Section } from './section.ts';

/** What was compared, and what came out, in two sentences; before them, what a reader must know first. */
export const summary: Section = (report) => html`${problems(report)}<section class="lead">
<p>${compared(report)}</p>
<p>${outcome(report)}</p>
</section>
`;

function problems(report: Report): Markup | undefined {
  const items = problemsOf(report).map(({ text }) => html`<li>${text}</li>`);
  return items.length === 0 ? undefined : html`<div class="problems" role="note"><ul>${items}</ul></div>`;
}

function compared({ result, rows, measured }: Report): string {
  const { workload } = result;
  const labels = distinct(
    rows.map(({ trial }) => result.transports[trial.variant.transport]?.label ?? trial.variant.transport),
  );
  const places = distinct(rows.map(({ trial }) => `on ${placeText(trial.variant)}`));
  const rhythm = workload.feed.kind === 'fixed' ? 'steadily' : 'at random (Poisson)';
  const realised = feedRateText(
    workload.feed,
    measured.map(({ trial }) => trial),
  );
  const rate = `${realised} of ${chosen(formatBytes(workload.payload.bytes))}`;
  return `${listOf(labels)} carried the same feed, ${rate}, sent ${rhythm}, to ${countOf(workload.clients, 'client')}, ${listOf(places)}${pollingText(rows)}.`;
}

function pollingText(rows: Report['rows']): string {
  const intervals = distinct(rows.flatMap(({ trial }) => trial.variant.values['pollIntervalNs'] ?? []));
  if (intervals.length === 0) return '';
  const texts = intervals.map((interval) => `every ${valueText('pollIntervalNs', interval)}`);
  return `; clients that poll did so ${listOf(texts)}`;
}

function placeText(variant: Variant): string {
  const nodes = nodesOf(variant);
  return nodes === 1 ? `one node (${variant.backplane})` : `${countOf(nodes, 'node')} over ${variant.backplane}`;
}

/** One setting is enough for a sentence: the one with the fewest nodes, as one generator saw it, as usual as there is. */
function outcome({ result, measured }: Report): string {
  const [first] = measured.toSorted((a, b) => nodesOf(a.trial.variant) - nodesOf(b.trial.variant));
  if (first === undefined) return 'Nothing could be measured.';
  const alike = plainest(
    measured.filter((row) => settingOf(row) === settingOf(first)),
    result.workload,
  );
  const clauses = QUANTITIES.flatMap((quantity) => ranking(alike, quantity) ?? []);
  if (clauses.length === 0) return `On ${placeText(first.trial.variant)}, nothing was delivered.`;
  const severalGenerators = measured.some(({ trial }) => trial.generator !== first.trial.generator);
  const observer = result.generators[first.trial.generator]?.label ?? first.trial.generator;
  const place = `${placeText(first.trial.variant)}${severalGenerators ? `, as the generator ${observer} saw it` : ''}`;
  return `On ${place}, ${clauses.join('; ')}${doubts(alike)}.`;
}

function settingOf({ trial }: MeasuredRow): string {
  return [placeText(trial.variant), trial.generator, trial.clients, trial.trial].join(' ');
}

/** Of several values of a dimension the usual one, where it was measured; otherwise the first. */
function plainest(rows: readonly MeasuredRow[], scenario: Usual): readonly MeasuredRow[] {
  return DIMENSION_IDS.filter((id) => dimension(id).of === 'transport').reduce((left, id) => {
    const values = distinct(left.flatMap(({ trial }) => trial.variant.values[id] ?? []));
    const usual = values.find((value) => value === usualValue(id, scenario)) ?? values[0];
    return left.filter(({ trial }) => (trial.variant.values[id] ?? usual) === usual);
  }, rows);
}

interface Quantity {
  /** Stand before and behind the first of the values. */
  readonly words: readonly [opening: string, unit: string];
  readonly figure: (figures: Figures) => Figure;
  readonly format: (value: number) => string;
}

const QUANTITIES: readonly Quantity[] = [
  {
    words: ['the median staleness was', ''],
    figure: (figures) => latencyFigure(figures.staleness, 'p50Ns'),
    format: formatDuration,
  },
  {
    words: ['a message cost', ' on the wire'],
    figure: (figures) => figures.wireBytesPerMessage.total,
    format: formatBytes,
  },
  {
    words: ['and it took', ' of server CPU'],
    figure: (figures) => figures.serverCpuNsPerMessage,
    format: formatDuration,
  },
];

/** `a message cost 436 B on the wire with WebSocket and 1,320 B with …`, the least first. */
function ranking(rows: readonly MeasuredRow[], { words, figure, format }: Quantity): string | undefined {
  const known = rows.flatMap((row) => {
    const value = figure(row.figures);
    return isAvailable(value) ? [{ row, value }] : [];
  });
  const parts = known
    .toSorted((a, b) => a.value - b.value)
    .map(({ row, value }, index) => `${format(value)}${index === 0 ? words[1] : ''} with ${row.transport}`);
  return parts.length === 0 ? undefined : `${words[0]} ${listOf(parts)}`;
}

/** Numbers that are doubtful are not quoted without the doubt. */
function doubts(rows: readonly MeasuredRow[]): string {
  const faulty = rows.filter(hasFaults).map(({ transport }) => transport);
  const suspect = rows.filter(isSuspect).map(({ transport }) => transport);
  return [
    faulty.length === 0 ? '' : `; but ${listOf(faulty)} failed the audit`,
    suspect.length === 0 ? '' : `; the figures of ${listOf(suspect)} are suspect`,
  ].join('');
}
