import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import type { Feed } from '../../scenarios/feed/kinds/feed-schemas.ts';
import { formatBytes } from '../../scenarios/units.ts';
import { feedRateText } from '../figures/feed-rate.ts';
import { chosen, countOf, distinct, momentText } from '../figures/wording.ts';
import { html, type Markup } from '../html/html.ts';
import type { Place } from '../html/place.ts';
import type { Report } from '../report/report.ts';
import { isSuspect, measuredOf, plannedOnes } from '../report/rows.ts';

/** What was run, when, how often, and what lies beside it. */
export function header(report: Report, place: Place): Markup {
  const { workload, startedAt } = report.result;
  const facts = [momentText(startedAt), transportsText(report), trialsText(report)];
  const links = [
    place.allRuns === undefined ? undefined : html`<a href="${place.allRuns}">all runs</a>`,
    place.result === undefined ? undefined : html`<a href="${place.result}">result.json</a>`,
    place.summary === undefined ? undefined : html`<a href="${place.summary}">summary.csv</a>`,
  ].filter((link) => link !== undefined);
  return html`<header><h1><bdi>${workload.name}</bdi></h1>
<p class="subtitle"><bdi>${workload.description}</bdi></p>
${workload.standsFor === undefined ? undefined : html`<p><bdi>${workload.standsFor}</bdi></p>`}<p>${feedText(report)}</p>
<p>${facts.join(' · ')}${links.map((link) => html` · ${link}`)}</p></header>
`;
}

function feedText({ result: { workload }, groups }: Report): string {
  const { feed, payload, clients } = workload;
  if (isSilent(feed)) return `nothing is said to ${countOf(clients, 'client')}`;
  const rate = feedRateText(
    feed,
    groups.flatMap(({ counting }) => counting.map(({ trial }) => trial)),
  );
  return `${rate} of ${sizesText(payload.bytes, feed)}, ${wayOf(feed, countOf(clients, 'client'))}`;
}

/** What clients say may be of another size than what is said to them. */
function sizesText(bytes: number, feed: Feed): string {
  const size = chosen(formatBytes(bytes));
  const own = feed.kind === 'rounds' ? feed.clientsPayload?.bytes : undefined;
  return own === undefined ? size : `${size} from the server and ${chosen(formatBytes(own))} from clients`;
}

/** How they come, and to whom. */
function wayOf(feed: Feed, clients: string): string {
  switch (feed.kind) {
    case 'fixed':
      return `steadily, to ${clients}`;
    case 'poisson':
      return `at random (Poisson), to ${clients}`;
    case 'conversation':
      return `said at random by ${clients} in rooms of ${feed.roomSize}`;
    case 'direct':
      return `at random (Poisson), each to one of ${clients}`;
    case 'streams':
      return `in streams of ${feed.streamMessages}, each to one of ${clients}`;
    case 'rounds':
      return `in even steps, in rooms of ${feed.roomSize}, ${clients} in all`;
    case 'none':
      return `nothing is said to ${clients}`;
    default:
      return feed satisfies never;
  }
}

function transportsText({ rows }: Report): string {
  return countOf(distinct(rows.map(({ trial }) => trial.variant.transport)).length, 'transport');
}

function trialsText({ result, all }: Report): string {
  const { partial, plannedTrials, campaign } = result;
  const measured = measuredOf(all);
  const failed = all.length - measured.length;
  const suspect = measured.filter(isSuspect).length;
  const trials = partial
    ? `${plannedOnes(all).length} of ${countOf(plannedTrials, 'trial')}`
    : countOf(all.length, 'trial');
  return [
    campaign === null ? trials : `${trials} in ${countOf(campaign.blocks.length, 'block')}`,
    ...(partial ? ['partial'] : []),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(suspect === 0 ? [] : [`${suspect} suspect`]),
  ].join(', ');
}
