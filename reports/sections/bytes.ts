import { type MetricId, METRICS } from '../../scenarios/measures/metrics.ts';
import { sourceOf } from '../../scenarios/result/result.ts';
import { significant } from '../../scenarios/units.ts';
import type { Figure } from '../figures/figure.ts';
import type { Figures } from '../figures/figures.ts';
import { html, type Markup } from '../html/html.ts';
import { type Group, geometricMean } from '../report/groups.ts';
import type { MeasuredRow } from '../report/rows.ts';
import { distinct } from '../figures/wording.ts';
import { type Column, table } from '../html/table.ts';
import { figureCell, missingText, rowName, section, type Section } from './section.ts';

/** Every byte figure by layer and direction, and who counted it. */
export const bytes: Section = ({ groups, measured }) => {
  const variants = groups.filter(({ isCopy, counting }) => !isCopy && counting.length > 0);
  if (variants.length === 0) return undefined;
  return section(
    'Which way do the bytes go, and who counted them?',
    html`<details><summary>The numbers by layer and direction</summary>${table(variants, COLUMNS, ({ key }) => key)}<p class="note">Bytes for each delivered message; those of the backplane for each published one. Transport is all that goes over connections: what clients say and what is sent again, too. Where messages are left out for newer ones, each that comes carries more of the cost: there, what a client costs in a second says more. Down is towards the clients. Of several trials, the geometric mean.${missingText(variants.flatMap((group) => FLOWS.map(({ of }) => flowOf(group, of))))}</p></details><details><summary>Who counted them</summary>${sources(measured)}</details>`,
  );
};

interface Flow {
  readonly title: string;
  readonly of: (figures: Figures) => Figure;
}

const FLOWS: readonly Flow[] = [
  { title: 'message', of: ({ payloadBytesPerMessage }) => payloadBytesPerMessage },
  { title: 'transport down', of: ({ transportBytesPerMessage }) => transportBytesPerMessage.down },
  { title: 'transport up', of: ({ transportBytesPerMessage }) => transportBytesPerMessage.up },
  { title: 'wire down', of: ({ wireBytesPerMessage }) => wireBytesPerMessage.down },
  { title: 'wire up', of: ({ wireBytesPerMessage }) => wireBytesPerMessage.up },
  { title: 'wire, both', of: ({ wireBytesPerMessage }) => wireBytesPerMessage.total },
  { title: 'wire, a client and second', of: ({ wireBytesPerClientSecond }) => wireBytesPerClientSecond },
  { title: 'backplane', of: ({ backplaneBytesPerPublished }) => backplaneBytesPerPublished },
];

function flowOf({ counting }: Group, of: Flow['of']): Figure {
  return geometricMean(counting.map(({ figures }) => of(figures)));
}

const COLUMNS: readonly Column<Group>[] = [
  { title: 'variant', cell: rowName },
  ...FLOWS.map(
    ({ title, of }): Column<Group> => ({
      title,
      number: true,
      cell: (group) => figureCell(flowOf(group, of), significant),
    }),
  ),
];

const BYTE_METRICS: readonly MetricId[] = [
  'payloadBytes',
  'transportBytesDown',
  'transportBytesUp',
  'wireBytesDown',
  'wireBytesUp',
  'backplaneBytes',
];

/** Metrics that the same instrument counted stand together. */
function sources(measured: readonly MeasuredRow[]): Markup {
  const bySource = Map.groupBy(BYTE_METRICS, (id) =>
    distinct(measured.map(({ trial }) => sourceText(trial, id))).join('; or '),
  );
  const entries = [...bySource].map(
    ([source, ids]) => html`<dt>${ids.map((id) => METRICS[id].label).join(', ')}</dt><dd>${source}</dd>`,
  );
  return html`<dl class="sources">${entries}</dl>`;
}

function sourceText(trial: MeasuredRow['trial'], id: MetricId): string {
  const source = sourceOf(trial, id);
  return source.kind === 'measured' ? source.from : `n/a: ${source.reason}`;
}
