import { exactDuration } from '../../../scenarios/units.ts';
import type { StreamsFeed } from '../../../scenarios/feed/kinds/feed-schemas.ts';
import { cutsConnections } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { sum } from '../../figures/figure.ts';
import { figureText, shortList } from '../answer/phrases.ts';
import type { Field } from '../answer/field.ts';
import { type Standing, standingOf } from '../answer/standing.ts';
import { centreOf, type Group } from '../groups.ts';

/** Of streams that are read while they are written, in one sentence: how soon they begin, how evenly they go on, what a cut loses. */
export function streamTexts(field: Field, feed: StreamsFeed): string[] {
  const groups = field.groups.filter(({ counting }) => counting.length > 0);
  const first = standingOf(field, 'toFirst.p50');
  if (first.placed.length === 0) return [];
  const apart = exactDuration(Math.round(1e9 / feed.streamPerSecond));
  const gaps = first.placed.map(({ group }) => figureText(centreOf(group, 'gap.p99'), 'gap.p99'));
  const cut = cutsConnections(feed) ? `; ${lossText(groups)}` : '';
  return [
    `A stream begins after ${beginnings(field, first)}; of two messages that are due ${apart} apart 99 of 100 come within ${shortList(gaps, gaps.length)}${cut}.`,
  ];
}

/** `1.93 ms with WebSocket, 2.33 ms with Server-Sent Events and 251 ms with HTTP polling every 500 ms`, the soonest first. */
function beginnings(field: Field, { placed, metric }: Standing): string {
  const texts = placed.map(({ group, centre }) => `${figureText(centre, metric)} with ${field.nameOf(group)}`);
  return shortList(texts, texts.length);
}

/** Over all of them: the audit knows each message that was to come. */
function lossText(groups: readonly Group[]): string {
  const counts = groups.flatMap(({ counting }) => counting.map(({ trial }) => trial.audit));
  const [lost, doubled] = [sum(counts.map((audit) => audit.lost ?? 0)), sum(counts.map((audit) => audit.duplicated))];
  if (lost === 0 && doubled === 0) return 'where a connection is cut nothing is lost or doubled';
  return `where a connection is cut messages are missed: ${lost} are lost and ${doubled} doubled`;
}
