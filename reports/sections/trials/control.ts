import { COMPARED, type ComparedMetricId } from '../../figures/compared.ts';
import { distinct, listOf, momentText } from '../../figures/wording.ts';
import { html, type Markup } from '../../html/html.ts';
import { ratioText, sizeText } from '../../report/answer/phrases.ts';
import {
  type ControlRatio,
  controlOf,
  controlPair,
  headlineMetrics,
  rankingOf,
  unlikeSiblings,
} from '../../report/ratios.ts';
import type { Report } from '../../report/report.ts';

/** What tells chance from difference: the control, the trials that are unlike their siblings, and what was known before. */
export function controlEntries(report: Report): Markup {
  return html`${control(report)}${unlike(report)}${history(report)}`;
}

function control(report: Report): Markup | undefined {
  const ratios = controlOf(report);
  const pair = controlPair(report);
  if (pair === undefined || ratios.length === 0) return undefined;
  const items = ratios.map(
    (one, index) =>
      html`${index > 0 ? '; ' : ''}<span${one.isRed ? html` class="bad"` : undefined}>${ratioWords(one)}</span>`,
  );
  const red = ratios.filter(({ isRed }) => isRed);
  const verdict =
    red.length === 0
      ? 'None leaves out 1, as it should be.'
      : `${listOf(red.map(({ metric }) => COMPARED[metric].label))}: the same variant measured twice differed, so no difference smaller than that means anything here. By chance that is so in 1 of 20 campaigns.`;
  return html`<dt${red.length === 0 ? undefined : html` class="bad"`}>A/A control</dt><dd><bdi>${pair.of.label}</bdi> measured as two: ${items}. ${verdict}</dd>
`;
}

/** `server CPU per message 0.99 (0.95 to 1.04)`. */
function ratioWords({ metric, ratio }: ControlRatio): string {
  const { label } = COMPARED[metric];
  return ratio.state === 'estimated' ? `${label} ${sizeText(ratio)}` : `${label} n/a (${ratio.reason})`;
}

function unlike(report: Report): Markup | undefined {
  const found = report.groups.flatMap((group) =>
    headlineMetrics(report).flatMap((metric) =>
      unlikeSiblings(report, group, metric).map(({ row, factor }) => ({ row, metric, factor })),
    ),
  );
  if (found.length === 0) return undefined;
  const items = [...Map.groupBy(found, ({ row }) => row)].map(
    ([row, own]) =>
      html`<li><bdi>${row.label}</bdi>: ${own.map(({ metric, factor }) => `${COMPARED[metric].label} ×${ratioText(factor)}`).join(', ')}</li>`,
  );
  return html`<dt>unlike their siblings</dt><dd><ul>${items}</ul>They count all the same.</dd>
`;
}

/** Which ratios rest on what this machine's A/A trials have shown before, and when that was. */
function history(report: Report): Markup | undefined {
  const used = headlineMetrics(report).filter((metric) => isFromHistory(report, metric));
  if (used.length === 0) return undefined;
  const dates = used.map((metric) => {
    const entries = report.result.noise.filter((entry) => entry.metric === metric);
    return `${COMPARED[metric].label} (${listOf(distinct(entries.map(({ measuredAt }) => momentText(measuredAt))))})`;
  });
  return html`<dt>noise of this machine</dt><dd>Too few trials tell how much they differ by chance, so the A/A trials that it had before were used: ${listOf(dates)}.</dd>
`;
}

function isFromHistory(report: Report, metric: ComparedMetricId): boolean {
  const ranking = rankingOf(report, metric);
  if (ranking.state === 'unranked') return false;
  return [...ranking.toBest.values()].some((ratio) => ratio.state === 'estimated' && ratio.from === 'history');
}
