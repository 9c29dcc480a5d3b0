import { formatBytes, formatDuration, significant } from '../../../scenarios/units.ts';
import type { ComparedMetricId } from '../../figures/compared.ts';
import { derive, type Figure } from '../../figures/figure.ts';
import type { Figures } from '../../figures/figures.ts';
import { html, type Markup } from '../../html/html.ts';
import { type Column, groupedTable } from '../../html/table.ts';
import {
  type BalancedVariant,
  balancedVariants,
  type BalancerFinding,
  findingsOf,
  type Way,
  wayText,
} from '../../report/path/balanced.ts';
import { centreOf, type Group, geometricMean } from '../../report/groups.ts';
import { figureCell, missingText, rowName, section, type Section } from '../section.ts';

/** What stands between clients and nodes costs, and what its stock settings do. */
export const balancers: Section = (report) => {
  const variants = balancedVariants(report);
  if (variants.length === 0) return undefined;
  const findings = variants.flatMap((variant) => findingsOf(variant));
  const lines = variants.flatMap(linesOf);
  const bodies = variants.map(({ ways }, index) => ({
    ...(ways[0] !== undefined && { key: ways[0].group.key }),
    items: lines.filter((line) => line.variant === variants[index]),
  }));
  return section(
    'What does a balancer cost, and what do its stock settings?',
    html`${findingList(findings, variants)}${groupedTable(bodies, COLUMNS)}<p class="note">${NOTE}${missingText(lines.flatMap((line) => COSTS.map(({ of }) => of(line))))}</p>`,
  );
};

const NOTE =
  'Stock settings are what Debian installs, with the lines for a proxy that most guides give; tuned ones are what one should write. Both files lie in servers/balancer, with a reason for each line that matters. Added is held against the same nodes without a balancer. Bytes and connections are those between the balancer and the nodes, which the wire of the clients has not in it; connections are counted for each HTTP answer of a client, and health checks of the balancer are among them. CPU of the balancer is part of that of the server.';

interface Line {
  readonly variant: BalancedVariant;
  readonly way: Way;
}

function linesOf(variant: BalancedVariant): Line[] {
  return variant.ways.map((way) => ({ variant, way }));
}

interface Cost {
  readonly title: string;
  readonly of: (line: Line) => Figure;
  readonly format: (value: number) => string;
}

function staleness(id: ComparedMetricId & `staleness.${string}`): Cost {
  return { title: id.replace('.', ' '), of: ({ way }) => centreOf(way.group, id), format: formatDuration };
}

/** What a way adds to none. */
function added(id: ComparedMetricId & `staleness.${string}`): Cost {
  return {
    title: `${id.replace('staleness.', '')} added`,
    of: ({ variant, way }) => {
      const direct = variant.ways.find(({ tuning }) => tuning === undefined);
      if (direct === way) return { reason: 'there is no balancer' };
      if (direct === undefined)
        return { reason: 'nothing was measured without a balancer (--balancer none beside it)' };
      return derive([centreOf(way.group, id), centreOf(direct.group, id)], (behind, before) => behind - before);
    },
    format: (ns) => (ns < 0 ? `−${formatDuration(-ns)}` : formatDuration(ns)),
  };
}

function each(title: string, of: (figures: Figures) => Figure, format: Cost['format']): Cost {
  return { title, of: ({ way: { group } }) => meanOf(group, of), format };
}

/** Where a trial has none of it, the mean of all is none. */
function meanOf({ counting }: Group, of: (figures: Figures) => Figure): Figure {
  return geometricMean(counting.map(({ figures }) => of(figures)));
}

const COSTS: readonly Cost[] = [
  staleness('staleness.p50'),
  added('staleness.p50'),
  staleness('staleness.p99'),
  added('staleness.p99'),
  each('bytes to and from nodes, a message', ({ balancerBytesPerMessage }) => balancerBytesPerMessage, formatBytes),
  each(
    'connections to nodes, an answer',
    ({ balancerConnectionsPerAnswer }) => balancerConnectionsPerAnswer,
    significant,
  ),
  each('CPU of the balancer, a message', ({ cpuNsPerDelivery }) => cpuNsPerDelivery.balancer, formatDuration),
  each('its memory', ({ rssMaxBytes }) => rssMaxBytes.balancer, formatBytes),
];

const COLUMNS: readonly Column<Line>[] = [
  { title: 'variant', cell: ({ way }) => rowName(way.group) },
  ...COSTS.map(
    ({ title, of, format }): Column<Line> => ({ title, number: true, cell: (line) => figureCell(of(line), format) }),
  ),
];

function findingList(findings: readonly BalancerFinding[], variants: readonly BalancedVariant[]): Markup {
  if (findings.length > 0) return html`<ul>${findings.map((finding) => html`<li>${findingText(finding)}</li>`)}</ul>`;
  const hasStock = variants.some(({ ways }) => ways.some(({ tuning }) => tuning === 'stock'));
  return hasStock
    ? html`<p>Nothing that was measured here is held back or broken by stock settings.</p>`
    : html`<p>Stock settings were not measured (--tuning stock,tuned).</p>`;
}

/** A sentence. */
export function findingText(finding: BalancerFinding): string {
  const { stock } = finding;
  const who = `${stock.group.transport} behind ${wayText(stock)}`;
  switch (finding.kind) {
    case 'held-back':
      return `${who} ${lateText(finding)}`;
    case 'connection-a-poll':
      return `${who} keeps no connection to the nodes: it opened ${significant(finding.each)} for each answer${finding.tunedEach === undefined ? '' : `, and ${significant(finding.tunedEach)} with ${settingsOf(finding)}`}.`;
    case 'broken':
      return `${who} does not work: ${finding.reason}. With ${settingsOf(finding)} it does.`;
    default:
      return finding satisfies never;
  }
}

/** An answer that comes whole has no pieces to wait for: it is late for another reason. */
function lateText(finding: Extract<BalancerFinding, { kind: 'held-back' }>): string {
  const late = `half of all messages come ${formatDuration(finding.stockNs)} or more after they were due, and ${formatDuration(finding.otherNs)} with ${settingsOf(finding)}.`;
  return finding.stock.group.cadence === 'push'
    ? `is held back: ${late} It waits for more before it sends on what comes in pieces.`
    : `is late: ${late}`;
}

function settingsOf({ other }: BalancerFinding): string {
  return other?.tuning === undefined ? 'no balancer' : 'tuned settings';
}
