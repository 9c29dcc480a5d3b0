import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { exactDuration, formatBytes, formatDuration, significant } from '../../scenarios/units.ts';
import { html, jsonScript, type Markup } from '../html/html.ts';
import { mark } from '../html/mark.ts';
import { type Column, table as rowTable } from '../html/table.ts';
import { unbroken } from '../html/unbroken.ts';
import { type Choice, type Decision, type DecisionCell, decisionOf, type Evidence } from '../report/decision.ts';
import { countOf } from '../figures/wording.ts';
import { type Figure, isAvailable } from '../figures/figure.ts';
import { asksOrigin, timesAsOld, timesNaive, type WayToPoll, waysToPollOf } from '../report/polling/ways-to-poll.ts';
import type { Report } from '../report/report.ts';
import { figureCell, rowName, section, type Section } from './section.ts';

const TITLE = 'Which one for your app?';

/** How fresh, how many clients, how many messages: what meets it for the least. */
export const decision: Section = (report) => {
  if (report.measured.length === 0 || isSilent(report.result.workload.feed)) return undefined;
  const found = decisionOf(report);
  const polling = waysToPoll(report);
  if (found.state === 'none') return section(TITLE, html`<p class="note">${found.reason}</p>${polling}`);
  return section(
    TITLE,
    html`<p class="note">Of what was measured here and can be so fresh, what takes the fewest bytes and the least server CPU; figures are a client’s. Clients poll as rarely as the freshness allows. Below: how many cores of the server ${found.clients.map(wholeNumber).join(', ')} clients ask for.</p>
${table(found)}${notes(found)}${form(found)}${polling}`,
  );
};

/** How to poll, where clients did it in several ways. */
function waysToPoll(report: Report): Markup | undefined {
  const found = waysToPollOf(report);
  if (found === undefined) return undefined;
  const { sentences, ways, away } = found;
  const columns = WAY_COLUMNS.filter(({ isThere }) => isThere(ways));
  return html`<h3>How to poll</h3><p class="note">${POLLING_RULE}${away === undefined ? '' : ` ${away}`}</p><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>${rowTable(ways, columns, ({ group }) => group.key)}`;
}

const POLLING_RULE =
  'Every way to poll is held against the naive kind of the same place: who asks at each interval, each client for itself, over a connection that stays. Ranked is what is as fresh, with a mean staleness of no more than 1.1 times that of the naive kind; what is staler is never first, and what it saves stands beside what it costs.';

interface WayColumn extends Column<WayToPoll> {
  readonly isThere: (ways: readonly WayToPoll[]) => boolean;
}

function wayColumn(
  title: string,
  {
    of,
    say,
    isThere = () => true,
    timesOf = (way) => timesNaive(way.naive === undefined ? undefined : of(way.naive), of(way)),
  }: {
    of: (way: WayToPoll) => Figure;
    say: (value: number) => string;
    isThere?: WayColumn['isThere'];
    timesOf?: (way: WayToPoll) => Figure;
  },
): WayColumn {
  return {
    title,
    number: true,
    isThere,
    cell: (way) => {
      const times = timesOf(way);
      return html`${figureCell(of(way), say)}${isAvailable(times) ? html`<small class="ratio">×${significant(times)}</small>` : undefined}`;
    },
  };
}

const WAY_COLUMNS: readonly WayColumn[] = [
  { title: 'variant', isThere: () => true, cell: ({ group }) => rowName(group) },
  wayColumn('wire bytes per client and second', { of: ({ bytes }) => bytes, say: formatBytes }),
  wayColumn('server CPU per client and second', { of: ({ cpuNs }) => cpuNs, say: formatDuration }),
  wayColumn('origin reads per node and second', {
    of: ({ originReads }) => originReads,
    say: significant,
    isThere: (ways) => ways.some(asksOrigin),
  }),
  wayColumn('mean staleness', { of: ({ stalenessNs }) => stalenessNs, say: formatDuration, timesOf: timesAsOld }),
];

type Table = Extract<Decision, { state: 'table' }>;

function table({ rows }: Table): Markup {
  const rates = rows[0]?.cells.map(({ messagesPerSecond }) => messagesPerSecond) ?? [];
  const head = rates.map((rate) => html`<th scope="col">${rateText(rate)}</th>`);
  const body = rows.map(
    ({ withinNs, cells }) =>
      html`<tr><th scope="row">${unbroken(exactDuration(withinNs))}</th>${cells.map(cellMarkup)}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0"><table class="decision"><thead><tr><th scope="col">95 of 100 messages no older than</th>${head}</tr></thead><tbody>${body}</tbody></table></div>
`;
}

const EVIDENCE_WORDS: Readonly<Record<Evidence, string>> = {
  measured: 'as measured',
  near: 'within 10 × of what was measured',
  beyond: 'beyond 10 × of what was measured',
};

function cellMarkup({ choices, evidence }: DecisionCell): Markup {
  if (choices.length === 0) return html`<td class="beyond">nothing measured here</td>`;
  const isSplit = choices.length > 1;
  return html`<td class="${evidence}">${choices.map((choice) => choiceMarkup(choice, isSplit))}<small>${EVIDENCE_WORDS[evidence]}</small></td>`;
}

function choiceMarkup({ group, offer, cheapest, cores }: Choice, isSplit: boolean): Markup {
  const interval = offer.intervalNs > 0 ? ` every ${formatDuration(offer.intervalNs)}` : '';
  const counts = cores.map(({ count, isBeyond }, index) => {
    const text = count === 0 ? '–' : count.toLocaleString('en-US');
    return html`${index === 0 ? '' : ', '}${isBeyond ? html`<i>${text}*</i>` : text}`;
  });
  return html`<div data-group="${group.key}">${isSplit ? html`<small>${cheapest.join(' and ')}:</small> ` : undefined}${mark(group.look)}<b>${offer.name}</b>${unbroken(interval)}<small>${unbroken(`${formatBytes(offer.bytesPerSecond)}/s, ${formatDuration(offer.cpuNsPerSecond)} of CPU a second`)}</small><small>cores: ${counts}</small></div>`;
}

function notes({ model, doubts }: Table): Markup {
  const doubt = doubts.length === 0 ? undefined : html`<p class="note doubt">${doubts.join(' ')}</p>`;
  return html`${doubt}<p class="note">Measured: ${countOf(Math.round(model.clients), 'client')}, ${rateText(model.messagesPerSecond)}; outlined cells are from there. * more than 10 times the clients that were measured: nobody checked it. A core counts as full at 70 %; on several, nodes ask for a backplane, whose cost is not in it. The model is that of the theory below: d + 0.95 N c for pushes, 0.95 T + d for polls, with c and sizes as measured, and in d also what the publisher and the backplane took. It leaves out encryption, slow links, garbage collection, memory for each connection, proxies, and how often connections break.</p>
`;
}

/** Own numbers, by the functions that made the table. */
function form({ model }: Table): Markup {
  return html`<form class="own-numbers" data-scripted hidden><label>Messages a second <input name="rate" type="number" min="0.001" step="any" value="${String(round(model.messagesPerSecond))}"></label><label>Clients <input name="clients" type="number" min="1" step="1" value="${String(Math.round(model.clients))}"></label><label>Old at most, seconds <input name="seconds" type="number" min="0.001" step="any" value="1"></label><output aria-live="polite"></output></form>
${jsonScript('cost-model', model)}`;
}

function rateText(rate: number): string {
  if (rate < 1) return `one message in ${threeDigits(1 / rate)} s`;
  return rate === 1 ? '1 message a second' : `${threeDigits(rate)} messages a second`;
}

function threeDigits(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function wholeNumber(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
