import { formatBytes, formatDuration } from '../../../scenarios/units.ts';
import { derive, type Figure, isAvailable } from '../../figures/figure.ts';
import { counterTotal } from '../../figures/figures.ts';
import { percentText, signedPercent } from '../../figures/wording.ts';
import { html } from '../../html/html.ts';
import { type Column, table } from '../../html/table.ts';
import type { MeasuredRow } from '../../report/rows.ts';
import { figureCell, missingText, rowName, section, type Section } from '../section.ts';
import { expectedBytes, meanOf, type TlsPair, tlsPairs } from './tls-pairs.ts';

/** What is compared for each pair, and how it is said. */
interface Compared {
  readonly title: string;
  readonly of: (row: MeasuredRow) => Figure;
  readonly format: (value: number) => string;
}

interface Line extends TlsPair {
  readonly expected: Figure;
}

/** What TLS costs: each variant beside what it is without, and what theory says of its bytes. */
export const tls: Section = ({ groups, result }) => {
  const lines = tlsPairs(groups).map((pair): Line => ({ ...pair, expected: expectedBytes(pair, result) }));
  if (lines.length === 0) return undefined;
  const figures = lines.flatMap(({ secured, plain, expected }) => [
    expected,
    ...COMPARED.flatMap(({ of }) => [meanOf(secured, of), meanOf(plain, of)]),
  ]);
  return section(
    'What does TLS cost?',
    html`<p>${addedText(lines)} ${agreement(lines)}</p>${table(lines, COLUMNS, ({ secured }) => secured.key)}<p class="note">${NOTE}${missingText(figures)}</p>`,
  );
};

const NOTE =
  'Means over the trials that count, without TLS → with it. Bytes a message: what the clients’ sockets carried below TLS, so what crossed; by the formula: what they carried without, and 22 bytes for each record, which is a write of 16 KiB at most (over HTTP a request and its answer, and the letter more in the Referer of a page). A handshake: what connecting cost for each client, with TLS less without: all of the bytes that crossed until everybody was there, tickets and acknowledgements too, and the CPU of servers. The certificate is a short one (P-256, nothing between it and its authority); one that is bought comes with one or two more, of a kilobyte each. Handshakes of the window are those of clients that connected again.';

/** A sentence; empty where nobody saw bytes. */
function addedText(lines: readonly Line[]): string {
  const added = lines.flatMap((line) => addedTo(line, bytesOf));
  const connecting = lines.flatMap((line) => addedTo(line, perClient('wireBytes')));
  if (added.length === 0) return '';
  const handshake = connecting.length === 0 ? '' : `, and ${spanText(connecting)} to connecting`;
  return `TLS added ${spanText(added)} to a message${handshake}.`;
}

function addedTo({ secured, plain }: Line, of: (row: MeasuredRow) => Figure): number[] {
  const figure = derive([meanOf(secured, of), meanOf(plain, of)], (own, without) => Math.max(0, own - without));
  return isAvailable(figure) ? [figure] : [];
}

function spanText(bytes: readonly number[]): string {
  const [least, most] = [Math.min(...bytes), Math.max(...bytes)].map(formatBytes);
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** Between what was measured and the formula of a transport. */
const NEAR = 0.03;

function agreement(lines: readonly Line[]): string {
  const residuals = lines.map(({ secured, expected }) => ({
    label: secured.label,
    residual: derive([meanOf(secured, bytesOf), expected], (own, by) => own / by - 1),
  }));
  const known = residuals.flatMap(({ label, residual }) => (isAvailable(residual) ? [{ label, residual }] : []));
  const off = known.filter(({ residual }) => Math.abs(residual) > NEAR);
  const within = `${known.length - off.length} of ${known.length} are within ${percentText(NEAR, 0)} of the formula in bytes a message`;
  return off.length === 0
    ? `${within}.`
    : `${within}; not ${off.map(({ label, residual }) => `${label} (${signedPercent(residual)})`).join(', ')}.`;
}

const bytesOf = ({ figures }: MeasuredRow): Figure => figures.transportBytesPerMessage.total;

const perClient =
  (id: 'wireBytes' | 'serverCpuNs') =>
  ({ trial: { ramp, clients } }: MeasuredRow): Figure =>
    ramp[id] === null ? { reason: 'nobody saw what connecting cost' } : ramp[id] / clients;

const COMPARED: readonly Compared[] = [
  { title: 'bytes a message', of: bytesOf, format: formatBytes },
  {
    title: 'on the wire, a message',
    of: ({ figures }) => figures.wireBytesPerMessage.total,
    format: formatBytes,
  },
  {
    title: 'server CPU a message',
    of: ({ figures }) => figures.serverCpuNsPerMessage,
    format: formatDuration,
  },
  {
    title: 'clients’ CPU a message',
    of: ({ figures }) => figures.generatorCpuNsPerMessage,
    format: formatDuration,
  },
  {
    title: 'memory of nodes',
    of: ({ figures }) => figures.rssMaxBytes.node,
    format: formatBytes,
  },
];

const HANDSHAKE: readonly Compared[] = [
  { title: 'a handshake, bytes', of: perClient('wireBytes'), format: formatBytes },
  { title: 'a handshake, server CPU', of: perClient('serverCpuNs'), format: formatDuration },
];

const COLUMNS: readonly Column<Line>[] = [
  { title: 'variant', cell: ({ secured }) => rowName(secured) },
  ...COMPARED.map(
    ({ title, of, format }): Column<Line> => ({
      title,
      number: true,
      cell: ({ secured, plain }) =>
        html`${figureCell(meanOf(plain, of), format)} → ${figureCell(meanOf(secured, of), format)}`,
    }),
  ),
  { title: 'by the formula', number: true, cell: ({ expected }) => figureCell(expected, formatBytes) },
  {
    title: 'off the formula',
    number: true,
    cell: ({ secured, expected }) =>
      figureCell(
        derive([meanOf(secured, bytesOf), expected], (own, by) => own / by - 1),
        signedPercent,
      ),
  },
  ...HANDSHAKE.map(
    ({ title, of, format }): Column<Line> => ({
      title,
      number: true,
      cell: ({ secured, plain }) =>
        figureCell(
          derive([meanOf(secured, of), meanOf(plain, of)], (own, without) => Math.max(0, own - without)),
          format,
        ),
    }),
  ),
  ...(['fullHandshakes', 'resumedHandshakes'] as const).map(
    (id): Column<Line> => ({
      title: id === 'fullHandshakes' ? 'handshakes in the window, anew' : 'resumed',
      number: true,
      cell: ({ secured }) =>
        figureCell(
          meanOf(secured, ({ trial }) => counterTotal(trial, id)),
          (count) => count.toFixed(0),
        ),
    }),
  ),
];
