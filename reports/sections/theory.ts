import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { residualBar } from '../charts/residual-bar.ts';
import { isAvailable } from '../figures/figure.ts';
import { countOf, percentText, signedPercent } from '../figures/wording.ts';
import { html, type Markup } from '../html/html.ts';
import { type Column, groupedTable } from '../html/table.ts';
import { predictionsOf, unexplainedOf } from '../report/group-predictions.ts';
import type { Group } from '../report/groups.ts';
import { EXPLAINED, type Prediction } from '../theory/prediction.ts';
import { whyNoTheory } from '../theory/scope.ts';
import { STAGE_WORDS } from '../theory/stages.ts';
import { figureCell, rowName, section, type Section } from './section.ts';

const TITLE = 'Does it agree with theory?';

interface Predicted {
  readonly group: Group;
  readonly prediction: Prediction;
}

/** Prediction beside measurement, with the residual. */
export const theory: Section = (report) => {
  const why = whyNoTheory(report.result);
  if (why !== undefined && report.measured.length > 0) return section(TITLE, html`<p class="note">${why}</p>`);
  const groups = report.groups
    .filter(({ isCopy }) => !isCopy)
    .map((group) => ({
      name: rowName(group),
      key: group.key,
      items: predictionsOf(group).map((prediction): Predicted => ({ group, prediction })),
    }))
    .filter(({ items }) => items.length > 0);
  if (groups.length === 0) return undefined;
  const all = groups.flatMap(({ items }) => items);
  return section(
    TITLE,
    html`<p>${agreement(all, unexplainedOf(report.groups))}</p>${groupedTable(groups, COLUMNS)}<p class="note">Each trial is predicted from what was measured in it; the centres of both are shown. Residual: measured minus predicted, as a share of the prediction; 0 inside a range. Beyond ${percentText(EXPLAINED, 0)} it is unexplained, and the stage is named in which most of it lies. The line is from the lowest to the highest trial.</p><details><summary>What the letters mean</summary><p class="note">T: poll interval, τ: time between two signs of life, F: frames of one, d: one-way delay, R: time between two reads that polls share, or from an answer to the request after it, s there: what server and client take of that, q: share of messages that find a request waiting, x: time in which a message leaves by a client’s line, C: 346 to 478 bytes to open and close a connection, L: time until the next message of the same key, λ: messages per second as they came, P: message, H: headers of request and response, h: 66 bytes a segment, s: segments of an answer, m, M: messages in an answer, a: share of ACKs of requests that travel alone, f: what the transport puts around a message, t: what TLS puts around that, 22 bytes a record and a record a write, k: ACKs of an answer or a push, l: median lateness of the publisher, b: median time from publisher to the node’s log, N: clients that one core, or one node, serves in turn, c: CPU a delivery adds, to the nodes. That is less than the server CPU per message, idle time included, above, which has Redis in it and what the nodes use while nothing comes. Sizes, l, b, c and d are measured in the same trial; nothing is fitted. c is what the window took: what a node does between two messages (collecting garbage, timers) is in it where the feed is steady, and can make it larger than what a client waits for.</p></details>`,
  );
};

/** How many are explained, and which are not, with the stage. */
function agreement(all: readonly Predicted[], unexplained: ReturnType<typeof unexplainedOf>): string {
  const counted = all.filter(({ prediction }) => !prediction.longRunOnly && isAvailable(prediction.residual)).length;
  const within = `${counted - unexplained.length} of ${countOf(counted, 'prediction')} lie within ${percentText(EXPLAINED, 0)} of what was measured`;
  if (unexplained.length === 0) return `${within}. Nothing is fitted.`;
  const named = unexplained
    .slice(0, MOST_NAMED)
    .map(({ group, prediction, text }) => `${group.label}: ${prediction.quantity} ${text}`);
  const more = unexplained.length > MOST_NAMED ? [`${unexplained.length - MOST_NAMED} more in the table`] : [];
  return `${within}. Beyond it: ${[...named, ...more].join('; ')}. Nothing is fitted.`;
}

const MOST_NAMED = 4;

const COLUMNS: readonly Column<Predicted>[] = [
  {
    title: 'quantity',
    cell: ({ prediction: { quantity, formula, basis } }) =>
      html`${quantity}<small class="muted"><code>${formula}</code>: ${basis}</small>`,
  },
  { title: 'predicted', number: true, cell: ({ prediction }) => predictedText(prediction) },
  {
    title: 'measured',
    number: true,
    cell: ({ prediction }) => figureCell(prediction.measured, formatOf(prediction)),
  },
  { title: `residual; shaded ±${percentText(EXPLAINED, 0)}`, cell: residualCell },
];

function formatOf({ unit }: Prediction): (value: number) => string {
  switch (unit) {
    case 'ns':
      return formatDuration;
    case 'bytes':
      return formatBytes;
    case 'share':
      return percentText;
    default:
      return unit satisfies never;
  }
}

function predictedText(prediction: Prediction): string {
  const format = formatOf(prediction);
  const [low, high] = [format(prediction.predicted.low), format(prediction.predicted.high)];
  return low === high ? low : `${low} to ${high}`;
}

function residualCell({ group, prediction }: Predicted): Markup {
  const { residual, unexplained, stage, longRunOnly } = prediction;
  if (!isAvailable(residual)) return html`<span class="muted">n/a</span>`;
  const bar = residualBar({
    share: residual,
    range: trialRange(group, prediction),
    explained: EXPLAINED,
    counts: !longRunOnly,
  });
  const text = signedPercent(residual);
  if (unexplained) return html`${bar}<span class="doubt">${text}, ${STAGE_WORDS[stage]}</span>`;
  return longRunOnly
    ? html`${bar}<span class="muted" title="holds over a long time only">${text}, long run</span>`
    : html`${bar}${text}`;
}

/** Of the residuals of its trials. */
function trialRange({ counting }: Group, { quantity, residual }: Prediction): readonly [number, number] {
  const shares = counting
    .flatMap(({ predictions }) => predictions.filter((prediction) => prediction.quantity === quantity))
    .flatMap((prediction) => (isAvailable(prediction.residual) ? [prediction.residual] : []));
  const all = isAvailable(residual) ? [...shares, residual] : shares;
  return [Math.min(...all), Math.max(...all)];
}
