import { isSilent } from '../../../scenarios/feed/kinds/feed-kinds.ts';
import { exactDuration, formatBytes, formatDuration } from '../../../scenarios/units.ts';
import { derive, type Figure } from '../../figures/figure.ts';
import { type IdleCosts, idleCosts } from '../../figures/idle.ts';
import { html } from '../../html/html.ts';
import { type Column, table } from '../../html/table.ts';
import { type Group, geometricMean } from '../../report/groups.ts';
import { figureCell, missingText, rowName, section, type Section } from '../section.ts';

/** How often something goes over an idle connection where a workload does not say. */
const USUAL_HEARTBEAT_NS = 30e9;

/** What connections cost on which nothing is said: bytes, CPU, and memory at both sides of the system call. */
export const idle: Section = ({ result: { workload }, groups }) => {
  const shown = groups.filter(({ isCopy, counting }) => !isCopy && counting.length > 0);
  if (!isSilent(workload.feed) || shown.length === 0) return undefined;
  const { heartbeatNs = USUAL_HEARTBEAT_NS } = workload;
  const costs: readonly Cost[] = [
    { title: 'wire bytes a minute', of: ({ wireBytes }) => wireBytes, format: formatBytes },
    {
      title: `at a heartbeat of ${exactDuration(USUAL_HEARTBEAT_NS)}`,
      of: ({ wireBytes }, { cadence }) => {
        // Who polls at an interval does so whatever the heartbeat.
        const share = cadence === 'interval' ? 1 : heartbeatNs / USUAL_HEARTBEAT_NS;
        return derive([wireBytes], (bytes) => bytes * share);
      },
      format: formatBytes,
    },
    { title: 'server CPU a minute', of: ({ serverCpuNs }) => serverCpuNs, format: formatDuration },
    { title: 'memory of the nodes', of: ({ userBytes }) => userBytes, format: formatBytes },
    { title: 'of the kernel', of: ({ kernelBytes }) => kernelBytes, format: formatBytes },
  ];
  return section(
    'What does a connection cost on which nothing is said?',
    html`${table(shown, [{ title: 'variant', cell: rowName }, ...costs.map(columnOf)], ({ key }) => key)}<p class="note">For each connection. The heartbeat, at which a connection shows a sign of life and a held poll is answered, was ${exactDuration(heartbeatNs)} here: a ping and its answer, or an empty answer and the next request; an event stream has a comment twice as often. Nothing else goes over an idle connection, so its bytes at another heartbeat are in proportion; those of polls at an interval follow from the interval. CPU has in it what a server uses without any connection. Memory of the nodes is their resident memory at its most, less what they had before anybody connected; it is less clear the fewer connections there are. Memory of the kernel is that of the server’s end alone: socket, inode, file and the entry in epoll, without buffers, which are empty here.${missingText(shown.flatMap((group) => costs.map((cost) => costOf(group, cost))))}</p>`,
  );
};

interface Cost {
  readonly title: string;
  readonly of: (costs: IdleCosts, group: Group) => Figure;
  readonly format: (value: number) => string;
}

function columnOf(cost: Cost): Column<Group> {
  return { title: cost.title, number: true, cell: (group) => figureCell(costOf(group, cost), cost.format) };
}

function costOf(group: Group, { of }: Cost): Figure {
  return geometricMean(group.counting.map(({ trial, figures }) => of(idleCosts(trial, figures), group)));
}
