import { distinct } from '../../figures/wording.ts';
import type { Report } from '../report.ts';
import type { Row } from '../rows.ts';
import type { Field } from './field.ts';
import { shortList } from './phrases.ts';

/** `WebSocket (2) and HTTP polling every 3 s (1)`: whose trials they are; one name alone goes without their number. */
export function whoseText({ groups }: Report, { groups: own, nameOf }: Field, rows: readonly Row[]): string {
  const names = rows.map((row) => {
    const group = groups.find((candidate) => candidate.rows.includes(row));
    if (group === undefined) return row.label;
    return own.includes(group) ? nameOf(group) : group.label;
  });
  const counts = distinct(names).map((name) => ({ name, count: names.filter((other) => other === name).length }));
  return shortList(
    counts.map(({ name, count }) => (counts.length === 1 ? name : `${name} (${count})`)),
    4,
  );
}
