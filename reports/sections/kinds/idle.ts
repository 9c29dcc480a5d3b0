import { isSilent } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { exactDuration, formatBytes, formatDuration, NS_PER_SECOND } from '../../../scenarios/units.ts';
import { derive, type Figure } from '../../figures/figure.ts';
import { type IdleCosts, idleCosts } from '../../figures/idle.ts';
import { chosen, percentText } from '../../figures/wording.ts';
import { html } from '../../html/html.ts';
import { type Column, table } from '../../html/table.ts';
import { type Group, geometricMean } from '../../report/groups.ts';
import { figureCell, missingText, rowName, section, type Section } from '../section.ts';

const MANY = 10_000;

/** What connections cost on which nothing is said: bytes, CPU, and memory at both sides of the system call. */
export const idle: Section = ({ result: { workload }, groups }) => {
  const shown = groups.filter(({ isCopy, counting }) => !isCopy && counting.length > 0);
  if (!isSilent(workload.feed) || shown.length === 0) return undefined;
  const tableOf = (costs: readonly Cost[]) =>
    table(shown, [{ title: 'variant', cell: rowName }, ...costs.map(columnOf)], ({ key }) => key);
  const heartbeat =
    workload.heartbeatNs === undefined ? '' : `, at a heartbeat of ${exactDuration(workload.heartbeatNs)}`;
  const missing = [...EACH, ...ALL, ...SEEN].flatMap((cost) => shown.map((group) => costOf(group, cost)));
  return section(
    'What does an idle user cost?',
    html`<h3>One, at the usual heartbeat</h3>${tableOf(EACH)}<h3>${MANY.toLocaleString('en-US')} of them</h3>${tableOf(ALL)}<p class="note">Usual is what servers do as they come: a WebSocket has a ping and its answer every 30 s, Socket.IO every 25 s, an event stream a comment every 15 s, and a held poll is answered after 25 s. Who polls at an interval does so in any case, every ${chosen(exactDuration(workload.pollIntervalNs))} here. Nothing else goes over an idle connection, so what it costs with signs of life more or less often is in proportion to those that were seen to go over it; of CPU all but what a node does without any connection, which is in it, and about 1 ms a second.</p><h3>As it was measured${heartbeat}</h3>${tableOf(SEEN)}<p class="note">For each connection. Memory of the nodes is what is resident more than before anybody connected, behind a collection of garbage at either moment; at most it was more, because V8 lets garbage lie as long as there is room. It is less clear the fewer connections there are. Memory of the kernel is that of the server’s end alone: socket, inode, name, file and the entry in epoll, without buffers, which are empty here.${missingText(missing)}</p>`,
  );
};

interface Cost {
  readonly title: string;
  readonly of: (costs: IdleCosts) => Figure;
  readonly format: (value: number) => string;
}

/** Of one connection, as a user has it. */
const EACH: readonly Cost[] = [
  { title: 'wire bytes a minute', of: ({ usualWireBytes }) => usualWireBytes, format: formatBytes },
  { title: 'server CPU a minute', of: ({ usualServerCpuNs }) => usualServerCpuNs, format: formatDuration },
  { title: 'memory of the nodes', of: ({ userBytes }) => userBytes, format: formatBytes },
  { title: 'memory of the kernel', of: ({ kernelBytes }) => kernelBytes, format: formatBytes },
];

const SECONDS_A_MINUTE = 60;

/** The same of many. */
const ALL: readonly Cost[] = [
  {
    title: 'on the wire',
    of: ({ usualWireBytes }) => derive([usualWireBytes], (bytes) => (bytes * MANY) / SECONDS_A_MINUTE),
    format: (bytes) => `${formatBytes(bytes)}/s`,
  },
  {
    title: 'server CPU, of one core',
    of: ({ usualServerCpuNs }) => derive([usualServerCpuNs], (ns) => (ns * MANY) / (SECONDS_A_MINUTE * NS_PER_SECOND)),
    format: percentText,
  },
  {
    title: 'memory, nodes and kernel',
    of: ({ userBytes, kernelBytes }) => derive([userBytes, kernelBytes], (user, kernel) => (user + kernel) * MANY),
    format: formatBytes,
  },
];

const SEEN: readonly Cost[] = [
  { title: 'wire bytes a minute', of: ({ wireBytes }) => wireBytes, format: formatBytes },
  { title: 'server CPU a minute', of: ({ serverCpuNs }) => serverCpuNs, format: formatDuration },
  { title: 'objects of JavaScript', of: ({ objectBytes }) => objectBytes, format: formatBytes },
  { title: 'resident, collected', of: ({ userBytes }) => userBytes, format: formatBytes },
  { title: 'resident at most', of: ({ mostUserBytes }) => mostUserBytes, format: formatBytes },
];

function columnOf(cost: Cost): Column<Group> {
  return { title: cost.title, number: true, cell: (group) => figureCell(costOf(group, cost), cost.format) };
}

function costOf(group: Group, { of }: Cost): Figure {
  return geometricMean(group.counting.map(({ trial, figures }) => of(idleCosts(trial, figures))));
}
