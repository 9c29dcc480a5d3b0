import { html, type Markup } from './html.ts';

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
