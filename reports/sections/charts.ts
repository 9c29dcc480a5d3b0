import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { bytesBar } from '../charts/bytes-by-layer.ts';
import { latencyBar } from '../charts/latency-by-stage.ts';
import { linePlot } from '../charts/line-plot.ts';
import { holdText, type Panel, panelsOf } from '../charts/over-time.ts';
import { placesOf } from '../charts/places.ts';
import { ratioPlot, type RatioRow } from '../charts/ratio-plot.ts';
import { serverCpuBar } from '../charts/server-cpu.ts';
import { type Bar, layerNames, mostOf, stackedBars } from '../charts/stacked-bars.ts';
import { coincidence, curveNotes, stalenessCurves } from '../charts/staleness-curve.ts';
import { attributesOf, drawnGroups, markInText, subjectOf } from '../charts/subject.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { distinct, listOf } from '../figures/wording.ts';
import { html, type Markup } from '../html/html.ts';
import { centreOf, type Group } from '../report/groups.ts';
import { headlineMetrics, type Ranking, rankingOf } from '../report/ratios.ts';
import type { Report } from '../report/report.ts';
import { section, type Section } from './section.ts';

export const freshness: Section = (report) => {
  const curves = stalenessCurves(report);
  if (curves.length === 0) return undefined;
  const figures = curves.map(({ title, plot }) => {
    const alike = coincidence(plot);
    return html`<figure>${curves.length > 1 ? html`<h3>${title}</h3>` : undefined}${linePlot(plot)}${alike === undefined ? undefined : html`<figcaption>${alike}</figcaption>`}</figure>`;
  });
  return section(
    'How stale is what a client sees?',
    html`<div class="plots">${figures}</div>${readOut()}<p class="note">${curveNotes(report)}</p>`,
  );
};

/** Where values are read off: nothing, and of no size, without scripts. */
function readOut(): Markup {
  return html`<output class="read"></output>`;
}

/** Who is the best by each figure, and how far from it the others are, with intervals. */
export const ratios: Section = (report) => {
  const ranked = headlineMetrics(report).map((metric) => ({ metric, ranking: rankingOf(report, metric) }));
  const figures = ranked.flatMap(({ metric, ranking }) =>
    ranking.state === 'ranked' ? [rankedFigure(report, metric, ranking)] : [],
  );
  if (figures.length === 0) return undefined;
  const left = ranked.flatMap(({ metric, ranking }) =>
    ranking.state === 'ranked' ? [] : [`${COMPARED[metric].label}: ${ranking.reason}`],
  );
  return section(
    'How sure is the order?',
    html`${figures}<p class="note">Each variant’s centre, and how many times the least that is of the best, with the interval that holds the truth in 95 of 100 campaigns: for each ratio where one variant is ahead of all others, otherwise for all ratios of a figure together; logarithmic. An interval that reaches the line at 1 is no difference.${left.length === 0 ? '' : ` Not ranked: ${left.join('; ')}.`}</p>`,
  );
};

function rankedFigure(report: Report, metric: ComparedMetricId, ranking: Ranked): Markup {
  const { label, format } = COMPARED[metric];
  const rows = report.groups.flatMap((group): (RatioRow & { readonly centre: number })[] => {
    const centre = centreOf(group, metric);
    const ratio = ranking.toBest.get(group.key);
    const estimate = ratio?.state === 'estimated' ? ratio : undefined;
    if (!isAvailable(centre) || (estimate === undefined && group !== ranking.best)) return [];
    return [{ subject: subjectOf(group), estimate, figure: format(centre), centre }];
  });
  const reasons = distinct(
    [...ranking.toBest.values()].flatMap((ratio) => (ratio.state === 'unranked' ? [ratio.reason] : [])),
  );
  return html`<figure><h3>${label}</h3>${ratioPlot(rows.toSorted((a, b) => a.centre - b.centre))}${reasons.length === 0 ? undefined : html`<figcaption>Not ranked: ${reasons.join('; ')}.</figcaption>`}</figure>`;
}

type Ranked = Extract<Ranking, { state: 'ranked' }>;

interface GroupBar {
  readonly group: Group;
  readonly bar: Bar;
}

function barsOf(report: Report, of: (group: Group) => Bar | undefined): GroupBar[] {
  return drawnGroups(report).flatMap((group) => {
    const bar = of(group);
    return bar === undefined ? [] : [{ group, bar }];
  });
}

export const bytesOfMessage: Section = (report) => {
  const bars = barsOf(report, bytesBar);
  if (bars.length === 0) return undefined;
  return section(
    'Where do the bytes go?',
    html`${barsByPlace(report, bars, formatBytes)}<p class="note">Bytes of both directions in the window, divided by the messages delivered in it. A layer that was not measured is missing. ${rangeNote(bars)}</p>`,
  );
};

export const latency: Section = (report) => {
  const { drawn, told } = comparable(barsOf(report, latencyBar));
  if (drawn.length === 0) return undefined;
  return section(
    'Where does the latency go?',
    html`${told}${barsByPlace(report, drawn, formatDuration)}<p class="note">Median staleness. The first stages are measured by themselves, by their medians; the last one is what is left. ${rangeNote(drawn)}</p>`,
  );
};

/** Waiting for a poll is so much longer than all else that beside it nothing else would be seen: then it is said in words. */
function comparable(bars: readonly GroupBar[]): { drawn: readonly GroupBar[]; told: Markup | undefined } {
  const polled = bars.filter(({ group }) => group.classId === 'interval');
  const prompt = bars.filter(({ group }) => group.classId !== 'interval');
  if (polled.length === 0 || prompt.length === 0) return { drawn: bars, told: undefined };
  const texts = polled.map(
    ({ group, bar: { layers, total } }) =>
      `${group.label} (${formatDuration(layers.at(-1)?.value ?? 0)} of ${formatDuration(total)})`,
  );
  return { drawn: prompt, told: html`<p>Waiting for the next poll is nearly all of it with ${listOf(texts)}.</p>` };
}

export const serverCpu: Section = (report) => {
  const bars = barsOf(report, serverCpuBar);
  if (bars.length === 0) return undefined;
  return section(
    'What does a message cost the server?',
    html`${barsByPlace(report, bars, formatDuration)}<p class="note">CPU time of the server’s processes in the window, idle time included, from the scheduler’s own account, divided by the messages delivered in it. ${rangeNote(bars)}</p>`,
  );
};

/** All bars on one scale, the least first, those of one place together. */
function barsByPlace({ result }: Report, bars: readonly GroupBar[], format: (value: number) => string): Markup {
  const sorted = bars.toSorted((a, b) => a.bar.total - b.bar.total);
  const most = mostOf(sorted.map(({ bar }) => bar));
  const places = placesOf(
    result,
    sorted.map(({ group }) => group),
  );
  const figures = places.map(({ title, groups }) => {
    const own = sorted.filter(({ group }) => groups.includes(group)).map(({ bar }) => bar);
    return html`<figure>${places.length > 1 ? html`<h3>${title}</h3>` : undefined}${stackedBars({ bars: own, format, most })}</figure>`;
  });
  return html`${layerNames(sorted.map(({ bar }) => bar))}<div class="plots">${figures}</div>${readOut()}`;
}

function rangeNote(bars: readonly GroupBar[]): string {
  return bars.some(({ bar: { range } }) => range !== undefined)
    ? 'Totals are centres of the trials; the line below an end goes from the lowest to the highest of them.'
    : '';
}

export const overTime: Section = (report) => {
  const panels = panelsOf(drawnGroups(report));
  if (panels.length === 0) return undefined;
  return section(
    'Did it hold over time?',
    html`<p>${holdText(panels)}</p><div class="panels">${panels.map(panel)}</div>${readOut()}<p class="note">The same scales in every panel. Above: median staleness of the messages that were due in each bin as a multiple of the variant’s own median, logarithmic. Below: CPU of all server processes, 100 % is one core. ${panels.some(({ staleness }) => staleness.lines[0]?.ranges !== undefined) ? 'Band: lowest to highest trial.' : ''}</p>`,
  );
};

function panel({ group, medianNs, staleness, cpu }: Panel): Markup {
  const subject = subjectOf(group);
  return html`<figure${attributesOf(subject, 'panel')}><h3>${markInText(subject)}<bdi>${subject.label}</bdi></h3><p class="unit">1× = ${formatDuration(medianNs)}</p>${linePlot(staleness)}${cpu === undefined ? undefined : html`<p class="unit">server CPU</p>${linePlot(cpu)}`}</figure>`;
}
