import { exactRate } from '../../../scenarios/path/rates.ts';
import { exactShare } from '../../../scenarios/path/shares.ts';
import type { LinkRecord } from '../../../scenarios/result/link.ts';
import { formatDuration } from '../../../scenarios/units.ts';
import { isAvailable } from '../../figures/figure.ts';
import { expectedDelayNs } from '../../figures/link-findings.ts';
import { percentText, signedPercent } from '../../figures/wording.ts';
import { html, type Markup } from '../../html/html.ts';
import { type Column, table } from '../../html/table.ts';
import { predictionsOf } from '../../report/group-predictions.ts';
import type { Group } from '../../report/groups.ts';
import type { MeasuredRow } from '../../report/rows.ts';
import { lineUse } from '../../theory/link/link-predictions.ts';
import { rowName, section, type Section } from '../section.ts';

interface Linked {
  readonly group: Group;
  readonly row: MeasuredRow;
  readonly link: LinkRecord;
}

/** What lay between clients and servers: as it was asked for, as it was made, and what it did to the feed. */
export const link: Section = (report) => {
  const lines = report.groups
    .filter(({ isCopy }) => !isCopy)
    .flatMap((group) =>
      group.counting.flatMap((row) => (row.trial.link === undefined ? [] : [{ group, row, link: row.trial.link }])),
    );
  if (lines.length === 0) return undefined;
  const texts = [...howText(lines), ...overfullText(lines), ...changesText(report.groups)];
  return section(
    'What did the link make of it?',
    html`${texts.map((text) => html`<p>${text}</p>`)}${table(lines, COLUMNS, ({ group }) => group.key)}<p class="note">${NOTE}</p>`,
  );
};

const NOTE =
  'Each way has the delay, and each connection a line of its own with the rate. Made: half the median time of 21 TCP connects before anybody else connected, ± half of where the middle four in five lay, and what trains of packets were spread to; lost and dropped: of the packets while the feed was played, both ways. Dropped are those that found the queue of their line full, which holds 200 ms, and 32 whole packets at least. Late: how long after it was due a packet came out of the relay.';

function howText(lines: readonly Linked[]): string[] {
  const means = new Set(lines.map(({ link: { means: by } }) => by));
  return [
    ...(means.has('relay')
      ? [
          'A relay carried every packet between two TAP devices, so TCP was end to end: its acknowledgements, its retransmissions and its slow start are real. It is a process of its own, with real-time priority where that is permitted, and took the kernel’s work of receiving with it: server CPU over a link is not to be held against server CPU over a wire.',
        ]
      : []),
    ...(means.has('netem') ? ['The kernel delayed and lost packets itself (netem).'] : []),
  ];
}

/** A line that the feed does not fit through. */
function overfullText(lines: readonly Linked[]): string[] {
  return lines.flatMap(({ group, row, link: { asked, carried } }) => {
    const use = lineUse(row);
    const { dropped } = carried.down;
    if (asked.bitsPerSecondDown === null || (use < FULL && dropped === 0)) return [];
    const fits = use >= FULL ? 'does not fit through' : 'fits through';
    return [
      `${group.label}: what went down took ${percentText(use, 0)} of ${exactRate(asked.bitsPerSecondDown)}, and ${dropped} packets found their queue full. The feed ${fits} such a line${use >= FULL ? ': staleness grows for as long as it lasts, and what is shown is of this window alone' : ', but not its bursts'}.`,
    ];
  });
}

/** So much of a line is all of it: what TCP sends again, and its headers, take the rest. */
const FULL = 0.9;

/** `WebSocket: mean 50.5 ms (50.2 predicted, +0.6 %), longest 55.0 ms`. */
function changesText(groups: readonly Group[]): string[] {
  return groups
    .filter(({ isCopy, counting }) => !isCopy && counting.some(({ trial }) => trial.link !== undefined))
    .flatMap((group) => {
      const own = predictionsOf(group);
      const said = ['mean staleness', 'longest staleness'].flatMap((quantity) => {
        const found = own.find((prediction) => prediction.quantity === quantity);
        if (found === undefined || !isAvailable(found.measured) || !isAvailable(found.residual)) return [];
        const { measured, predicted, residual, formula } = found;
        return [
          `${quantity} ${formatDuration(measured)}, where ${formula} predicts ${formatDuration(predicted.low)} (${signedPercent(residual)})`,
        ];
      });
      return said.length === 0 ? [] : [`${group.label}: ${said.join('; ')}.`];
    });
}

const COLUMNS: readonly Column<Linked>[] = [
  { title: 'variant', cell: ({ group }) => rowName(group) },
  { title: 'trial', number: true, cell: ({ row }) => row.trial.trial },
  { title: 'by', cell: ({ link: { means } }) => means },
  { title: 'delay asked', number: true, cell: ({ link: { asked } }) => formatDuration(asked.delayNs) },
  {
    title: 'delay made',
    number: true,
    cell: ({ link: { made } }) => `${formatDuration(made.delayNs)} ± ${formatDuration(made.spreadNs)}`,
  },
  {
    title: 'error',
    number: true,
    cell: ({ link: { asked, made } }) => errorText(made.delayNs, expectedDelayNs(asked)),
  },
  { title: 'rate asked, down and up', cell: ({ link: { asked } }) => ratesText(asked) },
  { title: 'rate made', cell: ({ link: { made, asked } }) => madeRatesText(made, asked) },
  { title: 'loss asked', number: true, cell: ({ link: { asked } }) => exactShare(asked.loss) },
  { title: 'lost', number: true, cell: ({ link: { carried } }) => shareText(carried, 'lost') },
  { title: 'dropped', number: true, cell: ({ link: { carried } }) => shareText(carried, 'dropped') },
  { title: 'late, p99', number: true, cell: ({ link: { carried } }) => latenessText(carried) },
];

function errorText(made: number, expected: number): string | Markup {
  return expected === 0 ? html`<span class="muted">n/a</span>` : signedPercent(made / expected - 1);
}

function ratesText({
  bitsPerSecondDown,
  bitsPerSecondUp,
}: Pick<LinkRecord['made'], 'bitsPerSecondDown' | 'bitsPerSecondUp'>): string {
  if (bitsPerSecondDown === null && bitsPerSecondUp === null) return 'unlimited';
  return [bitsPerSecondDown, bitsPerSecondUp].map((rate) => (rate === null ? 'unlimited' : rateText(rate))).join(', ');
}

type RatesOf = Pick<LinkRecord['made'], 'bitsPerSecondDown' | 'bitsPerSecondUp'>;

/** Faster lines than 200 Mbit/s are not measured. */
function madeRatesText(made: RatesOf, asked: RatesOf): string {
  const isUnknown = made.bitsPerSecondDown === null && asked.bitsPerSecondDown !== null;
  return isUnknown ? 'not measured' : ratesText(made);
}

/** What was measured is not known to the last bit. */
function rateText(bitsPerSecond: number): string {
  return exactRate(Number(bitsPerSecond.toPrecision(MEASURED_DIGITS)));
}

const MEASURED_DIGITS = 4;

function shareText({ down, up }: LinkRecord['carried'], what: 'lost' | 'dropped'): string {
  const frames = down.frames + up.frames;
  return frames === 0 ? '0' : percentText((down[what] + up[what]) / frames, 2);
}

function latenessText({ lateness }: LinkRecord['carried']): string | Markup {
  return lateness === null ? html`<span class="muted">n/a</span>` : formatDuration(lateness.p99Ns);
}
