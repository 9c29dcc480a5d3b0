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
  /** Of the variant that all of its rows are of: the legend picks by it. */
  readonly key?: string;
  readonly items: readonly T[];
}

/** A table whose first column names the rows. `keyOf` tells the variant that a row is of: the legend picks by it. */
export function table<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  keyOf: (item: T) => string | undefined = () => undefined,
): Markup {
  const rows = items.map((item) => row(item, columns, keyOf(item)));
  return framedTable(columns, html`<tbody>${rows}</tbody>`);
}

export function groupedTable<T>(groups: readonly Group<T>[], columns: readonly Column<T>[]): Markup {
  const bodies = groups.map(({ name, key, items }) => {
    const heading =
      name === undefined
        ? undefined
        : html`<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${name}</th></tr>
`;
    return html`<tbody${groupAttribute(key)}>${heading}${items.map((item) => row(item, columns))}</tbody>`;
  });
  return framedTable(columns, html`${bodies}`);
}

/** The head of `columns` above what else there is: a scroll box where the page is narrow, cards on a phone. */
export function framedTable(columns: readonly Pick<Column<never>, 'title' | 'number'>[], bodies: Markup): Markup {
  const head = columns.map(({ title, number }) => html`<th scope="col"${numberClass(number)}>${title}</th>`);
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead>
${bodies}</table></div>`;
}

/** On a phone a row is a card, where each cell says its column itself. */
export function cell({ title, number }: Pick<Column<never>, 'title' | 'number'>, content: Markup | string): Markup {
  return html`<td${numberClass(number)} data-label="${title}">${content}</td>`;
}

/** What the legend of the page picks by: the key of a group, which begins with its transport. */
export function groupAttribute(key: string | undefined): Markup | undefined {
  return key === undefined ? undefined : html` data-group="${key}"`;
}

function row<T>(item: T, columns: readonly Column<T>[], key?: string): Markup {
  const cells = columns.map((column, index) =>
    index === 0 ? html`<th scope="row">${column.cell(item)}</th>` : cell(column, html`${column.cell(item)}`),
  );
  return html`<tr${groupAttribute(key)}>${cells}</tr>
`;
}

function numberClass(number: boolean | undefined): Markup | undefined {
  return number === true ? html` class="number"` : undefined;
}
