import type { ComparedMetricId } from '../../figures/compared.ts';
import { listOf } from '../../figures/wording.ts';
import type { Field } from '../answer/field.ts';
import { figureText } from '../answer/phrases.ts';
import { foremost, type Standing, standingOf } from '../answer/standing.ts';

/** `2.10 ms with WebSocket and 2.30 ms with SSE (not told apart)`, the least first; undefined where nobody has the figure. */
export function seenText(field: Field, metric: ComparedMetricId): string | undefined {
  const standing = standingOf(field, metric);
  const { placed } = standing;
  if (placed.length === 0) return undefined;
  const seen = placed.map(({ group, centre }) => `${figureText(centre, metric)} with ${field.nameOf(group)}`);
  return `${listOf(seen)}${orderText(field, standing)}`;
}

/** Whether that is an order, or merely what was seen. */
function orderText(field: Field, standing: Standing): string {
  const { placed, ranking } = standing;
  if (placed.length < 2) return '';
  if (ranking.state === 'unranked') return ' (not ranked)';
  const firsts = foremost(standing, ranking);
  if (firsts.length < 2) return '';
  return firsts.length === placed.length
    ? ' (not told apart)'
    : ` (${listOf(firsts.map((group) => field.nameOf(group)))} not told apart)`;
}
