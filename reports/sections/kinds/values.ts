import { formatBytes, formatDuration, significant } from '../../../scenarios/units.ts';
import type { Figure } from '../../figures/figure.ts';
import { percentText } from '../../figures/wording.ts';
import { html } from '../../html/html.ts';
import { type Column, table } from '../../html/table.ts';
import { type ShownBy, shownValuesOf } from '../../report/values/shown-values.ts';
import { figureCell, missingText, rowName, section, type Section } from '../section.ts';

/** Where the newest value of each sender is all that counts: how old is what is shown, and what that takes. */
export const values: Section = (report) => {
  const found = shownValuesOf(report);
  if (found === undefined) return undefined;
  const { variants, sentences } = found;
  const answers = sentences.map((sentence) => html`<p>${sentence}</p>`);
  return section(
    'How old is what is shown?',
    html`${answers}${table(variants, COLUMNS, ({ group }) => group.key)}<p class="note">Here the newest value of each sender counts, and an older one is of no use. The age of what is shown grows from what a value’s staleness was when it came until a newer one of its sender can be read in its place; the mean is over time, senders and clients, and the age when replaced is the most that each value came to. A value that comes together with a newer one is never seen, and in neither. Staleness, above, is of every message that came, seen or not.${missingText(variants.flatMap((shown) => SEEN.map(({ of }) => of(shown))))}</p>`,
  );
};

interface Seen {
  readonly title: string;
  readonly of: (shown: ShownBy) => Figure;
  readonly format: (value: number) => string;
}

const SEEN: readonly Seen[] = [
  { title: 'age of what is shown, mean', of: ({ ageNs }) => ageNs, format: formatDuration },
  { title: 'age when replaced p50', of: ({ replacedP50Ns }) => replacedP50Ns, format: formatDuration },
  { title: 'age when replaced p99', of: ({ replacedP99Ns }) => replacedP99Ns, format: formatDuration },
  { title: 'deliveries per client and second', of: ({ deliveries }) => deliveries, format: significant },
  { title: 'left out', of: ({ leftOut }) => leftOut, format: percentText },
  { title: 'wire bytes per client and second', of: ({ bytes }) => bytes, format: formatBytes },
  { title: 'server CPU per client and second', of: ({ cpuNs }) => cpuNs, format: formatDuration },
];

const COLUMNS: readonly Column<ShownBy>[] = [
  { title: 'variant', cell: ({ group }) => rowName(group) },
  ...SEEN.map(
    ({ title, of, format }): Column<ShownBy> => ({
      title,
      number: true,
      cell: (shown) => figureCell(of(shown), format),
    }),
  ),
];
