import { DIMENSIONS } from '../../../scenarios/dimensions.ts';
import { windowNs } from '../../../scenarios/result/result.ts';
import { formatBytes, formatDuration, NS_PER_SECOND, significant } from '../../../scenarios/units.ts';
import { derive, type Figure, per } from '../../figures/figure.ts';
import { html } from '../../html/html.ts';
import { type Column, table } from '../../html/table.ts';
import type { MeasuredRow } from '../../report/rows.ts';
import { figureCell, missingText, rowName, section, type Section, variantKeyOf } from '../section.ts';

/** The same over HTTP/1.1 and over HTTP/2: what goes over connections, how many there are, and what they take of servers. */
export const httpVersions: Section = ({ measured }) => {
  const rows = besideEachOther(measured);
  if (rows.length === 0) return undefined;
  return section(
    'What does HTTP/2 change?',
    html`${table(rows, COLUMNS, variantKeyOf)}<p class="note">Over HTTP/2 all that a client asks, hears and says goes over one connection, and what its heads have in common with those before takes a byte a field (HPACK). Bytes on connections are those that sockets carried, of TLS too, and on the wire those with the heads of packets. CPU is that of the server’s nodes in the window, by the answers that clients had where they ask, and by delivered messages. Memory is the most that nodes held.${missingText(rows.flatMap((row) => FIGURES.map(({ of }) => of(row))))}</p>`,
  );
};

/** Trials that have one over another version of HTTP beside them, each transport's together. */
function besideEachOther(measured: readonly MeasuredRow[]): MeasuredRow[] {
  const versionsOf = new Map<string, Set<unknown>>();
  for (const { trial } of measured) {
    const { transport, values } = trial.variant;
    const versions = versionsOf.get(transport) ?? new Set();
    versionsOf.set(transport, versions.add(values['http'] ?? DIMENSIONS.http.usual));
  }
  const transports = [...versionsOf].flatMap(([transport, versions]) => (versions.size > 1 ? [transport] : []));
  return transports.flatMap((transport) => measured.filter(({ trial }) => trial.variant.transport === transport));
}

interface Told {
  readonly title: string;
  readonly of: (row: MeasuredRow) => Figure;
  readonly format: (value: number) => string;
}

const FIGURES: readonly Told[] = [
  {
    title: 'on connections, a message',
    of: ({ figures }) => figures.transportBytesPerMessage.total,
    format: formatBytes,
  },
  { title: 'on the wire, a message', of: ({ figures }) => figures.wireBytesPerMessage.total, format: formatBytes },
  {
    title: 'on the wire, a client and second',
    of: ({ figures }) => figures.wireBytesPerClientSecond,
    format: formatBytes,
  },
  {
    title: 'answers, a client and second',
    of: ({ figures, trial }) =>
      per(figures.answers, (trial.clients * windowNs(trial)) / NS_PER_SECOND, 'the window is empty'),
    format: significant,
  },
  {
    title: 'CPU, an answer',
    of: ({ figures }) => per(figures.cpuNs.node, figures.answers, 'nobody asks'),
    format: formatDuration,
  },
  { title: 'CPU, a message', of: ({ figures }) => figures.nodeCpuNsPerMessage, format: formatDuration },
  {
    title: 'connections, a client',
    of: ({ figures, trial }) => derive([figures.connectionsPeak], (peak) => peak / trial.clients),
    format: significant,
  },
  { title: 'memory of nodes', of: ({ figures }) => figures.rssMaxBytes.node, format: formatBytes },
];

const COLUMNS: readonly Column<MeasuredRow>[] = [
  { title: 'trial', cell: rowName },
  ...FIGURES.map(
    ({ title, of, format }): Column<MeasuredRow> => ({
      title,
      number: true,
      cell: (row) => figureCell(of(row), format),
    }),
  ),
];
