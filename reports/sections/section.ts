import { type Figure, isAvailable } from '../figure.ts';
import { html, type Markup } from '../page/html.ts';
import { isSuspect, type Report, type Row } from '../report.ts';

/** A part of the page; undefined where it has nothing to say. */
export type Section = (report: Report) => Markup | undefined;

export interface Column<T> {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly number?: boolean;
  readonly cell: (item: T) => Markup | string | number;
}

/** A table that scrolls inside its own box where the page is narrow; its first column names the rows. */
export function table<T>(items: readonly T[], columns: readonly Column<T>[]): Markup {
  const head = columns.map(({ title, number }) => html`<th scope="col"${numberClass(number)}>${title}</th>`);
  const rows = items.map(
    (item) =>
      html`<tr>${columns.map(({ number, cell }, index) =>
        index === 0 ? html`<th scope="row">${cell(item)}</th>` : html`<td${numberClass(number)}>${cell(item)}</td>`,
      )}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>
${rows}</tbody></table></div>`;
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

/** A row's name behind the colour it is drawn in. */
export function rowName(row: Row): Markup {
  const { transportIndex, settingIndex } = row.look;
  const hollow = row.state === 'measured' && isSuspect(row);
  const kind = ['swatch', ...(settingIndex > 0 ? ['light'] : []), ...(hollow ? ['hollow'] : [])].join(' ');
  return html`<span class="${kind}" style="--series: var(--series-${transportIndex % 5})"></span>${row.label}`;
}
