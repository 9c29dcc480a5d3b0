import { formatBytes, formatDuration } from '../../scenarios/units.ts';
import { isAvailable } from '../figures/figure.ts';
import { html, type Markup } from '../html/html.ts';
import { predictionsOf } from '../report/group-predictions.ts';
import { EXPLAINED, type Prediction } from '../theory/predictions.ts';
import { STAGE_WORDS } from '../theory/stages.ts';
import { percentText, signedPercent } from '../figures/wording.ts';
import { type Column, groupedTable } from '../html/table.ts';
import { figureCell, rowName, section, type Section } from './section.ts';

/** Prediction beside measurement, with the residual. */
export const theory: Section = (report) => {
  const groups = report.groups
    .filter(({ isCopy }) => !isCopy)
    .map((group) => ({ name: rowName(group), items: predictionsOf(group) }))
    .filter(({ items }) => items.length > 0);
  if (groups.length === 0) return undefined;
  return section(
    'Does it agree with theory?',
    html`${groupedTable(groups, COLUMNS)}<p class="note">Each trial is predicted from what was measured in it; the centres of both are shown. Residual: measured minus predicted, as a share of the prediction; 0 inside a range. Beyond ${percentText(EXPLAINED, 0)} it is unexplained, and the stage is named in which most of it lies. T: poll interval, d: one-way delay, L: time until the next message of the same key, λ: messages per second as they came, P: message, H: headers of request and response, h: 66 bytes a segment, s: segments of an answer, m, M: messages in an answer, a: share of ACKs of requests that travel alone, f: what the transport puts around a message, k: ACKs of an answer or a push, l: median lateness of the publisher, b: median time from publisher to the node’s log, N: clients that one core, or one node, serves in turn, c: CPU time that a delivery adds to the nodes. That is less than the server CPU per message above, which has Redis in it and what the nodes use while nothing comes. Sizes, l, b, c and d are measured in the same trial; nothing is fitted. c is what the window took: what a node does between two messages (collecting garbage, timers) is in it where the feed is steady, and can make it larger than what a client waits for.</p>`,
  );
};

const COLUMNS: readonly Column<Prediction>[] = [
  { title: 'quantity', cell: (prediction) => prediction.quantity },
  {
    title: 'formula',
    cell: (prediction) => html`${prediction.formula}<br><span class="muted">${prediction.basis}</span>`,
  },
  { title: 'predicted', number: true, cell: (prediction) => predictedText(prediction) },
  { title: 'measured', number: true, cell: (prediction) => figureCell(prediction.measured, formatOf(prediction)) },
  { title: 'residual', number: true, cell: (prediction) => residualCell(prediction) },
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

function residualCell({ residual, unexplained, stage, longRunOnly }: Prediction): Markup {
  const text = isAvailable(residual) ? signedPercent(residual) : 'n/a';
  if (unexplained) return html`<span class="bad">${text}, ${STAGE_WORDS[stage]}</span>`;
  return longRunOnly
    ? html`<span class="muted" title="holds over a long time only">${text}, long run</span>`
    : html`${text}`;
}
