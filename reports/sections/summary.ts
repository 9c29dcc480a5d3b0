import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { type Figure, isAvailable } from '../figure.ts';
import { type Figures, latencyFigure } from '../figures.ts';
import { html, type Markup } from '../page/html.ts';
import { problemsOf } from '../problems.ts';
import type { MeasuredRow, Report } from '../report.ts';
import { chosen, countOf, distinct, listOf } from '../wording.ts';
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

function compared({ result, rows }: Report): string {
  const { workload } = result;
  const labels = distinct(
    rows.map(({ trial }) => result.transports[trial.variant.transport]?.label ?? trial.variant.transport),
  );
  const places = distinct(rows.map(({ trial }) => placeText(trial.variant)));
  const rhythm = workload.feed.kind === 'fixed' ? 'steadily' : 'at random (Poisson)';
  const rate = `${workload.feed.messagesPerSecond.toLocaleString('en-US')} messages a second of ${chosen(formatBytes(workload.payload.bytes))}`;
  const polling = `clients that poll did so every ${chosen(formatDuration(workload.pollIntervalNs))}`;
  return `${listOf(labels)} carried the same feed, ${rate}, sent ${rhythm}, to ${countOf(workload.clients, 'client')} on ${listOf(places)}; ${polling}.`;
}

function placeText({ backplane, nodes }: { backplane: string; nodes: number }): string {
  return nodes === 1 && backplane === 'memory' ? 'one node' : `${countOf(nodes, 'node')} over ${backplane}`;
}

/** One setting is enough for a sentence: the one with the most rows, then the fewest nodes. */
function outcome({ measured }: Report): string {
  if (measured.length === 0) return 'Nothing could be measured.';
  const [first] = measured.toSorted((a, b) => a.trial.variant.nodes - b.trial.variant.nodes);
  const place = first === undefined ? '' : placeText(first.trial.variant);
  const alike = measured.filter(({ trial }) => placeText(trial.variant) === place);
  const clauses = [
    ranking(alike, {
      name: 'p50 staleness',
      of: (figures) => latencyFigure(figures.staleness, 'p50Ns'),
      format: formatDuration,
    }),
    ranking(alike, {
      name: 'bytes on the wire per message',
      of: (figures) => figures.wireBytesPerMessage.total,
      format: formatBytes,
    }),
    ranking(alike, {
      name: 'server CPU per message',
      of: (figures) => figures.serverCpuNsPerMessage,
      format: formatDuration,
    }),
  ].filter((clause) => clause !== '');
  return `On ${place}, ${clauses.join('; ')}.`;
}

interface Quantity {
  readonly name: string;
  readonly of: (figures: Figures) => Figure;
  readonly format: (value: number) => string;
}

/** `p50 staleness was 2.1 ms (WebSocket), 2.9 ms (…) and …`, the least first. */
function ranking(rows: readonly MeasuredRow[], { name, of, format }: Quantity): string {
  const known = rows.flatMap((row) => {
    const value = of(row.figures);
    return isAvailable(value) ? [{ label: row.lines[0] ?? row.label, value }] : [];
  });
  const parts = known.toSorted((a, b) => a.value - b.value).map(({ label, value }) => `${format(value)} (${label})`);
  return parts.length === 0 ? '' : `${name} was ${listOf(parts)}`;
}
