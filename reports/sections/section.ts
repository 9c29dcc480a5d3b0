import { type Figure, isAvailable } from '../figure.ts';
import { html, type Markup } from '../page/html.ts';
import { COLOURS, isSuspect, type Report, type Row } from '../report.ts';
import { distinct } from '../wording.ts';

/** A part of the page; undefined where it has nothing to say. */
export type Section = (report: Report) => Markup | undefined;

export interface Column<T> {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly number?: boolean;
  readonly cell: (item: T) => Markup | string | number;
}

interface Group<T> {
  /** What its rows have in common, in a row of its own above them. */
  readonly name?: Markup;
  readonly items: readonly T[];
}

/** A table whose first column names the rows. */
export function table<T>(items: readonly T[], columns: readonly Column<T>[]): Markup {
  return groupedTable([{ items }], columns);
}

/** Scrolls inside its own box where the page is narrow. */
export function groupedTable<T>(groups: readonly Group<T>[], columns: readonly Column<T>[]): Markup {
  const head = columns.map(({ title, number }) => html`<th scope="col"${numberClass(number)}>${title}</th>`);
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead>
${groups.map((group) => groupBody(group, columns))}</table></div>`;
}

function groupBody<T>({ name, items }: Group<T>, columns: readonly Column<T>[]): Markup {
  const heading =
    name === undefined
      ? undefined
      : html`<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${name}</th></tr>
`;
  const rows = items.map(
    (item) =>
      html`<tr>${columns.map(({ number, cell }, index) =>
        index === 0 ? html`<th scope="row">${cell(item)}</th>` : html`<td${numberClass(number)}>${cell(item)}</td>`,
      )}</tr>
`,
  );
  return html`<tbody>${heading}${rows}</tbody>`;
}

function numberClass(number: boolean | undefined): Markup | undefined {
  return number === true ? html` class="number"` : undefined;
}

export function section(title: string, content: Markup): Markup {
  return html`<section><h2>${title}</h2>
${content}</section>
`;
}

/** A figure, or `n/a` with its reason where the pointer rests. */
export function figureCell(figure: Figure, format: (value: number) => string): Markup {
  return isAvailable(figure) ? html`${format(figure)}` : html`<span class="muted" title="${figure.reason}">n/a</span>`;
}

/** Why figures of a table are n/a, each reason once: on paper and under a finger there are no tooltips. */
export function missingText(figures: readonly Figure[]): string {
  const reasons = distinct(figures.flatMap((figure) => (isAvailable(figure) ? [] : [figure.reason])));
  return reasons.length === 0 ? '' : ` n/a: ${reasons.join('; ')}.`;
}

/** A row's name behind the colour it is drawn in. */
export function rowName(row: Row): Markup {
  const { transportIndex, settingIndex } = row.look;
  const hollow = row.state === 'measured' && isSuspect(row);
  const kind = [
    'swatch',
    ...(settingIndex % 2 === 1 ? ['light'] : []),
    ...(settingIndex % 4 < 2 ? [] : ['square']),
    ...(hollow ? ['hollow'] : []),
  ].join(' ');
  const colour = `--series: var(--series-${transportIndex % COLOURS})`;
  return html`<span class="${kind}" style="${colour}"></span>${row.label.replaceAll(' × ', '\u00a0×\u00a0')}`;
}
