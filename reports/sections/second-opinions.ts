import { hasFewerClients } from '../../scenarios/result/result.ts';
import { formatBytes, formatDuration, significant } from '../../scenarios/units.ts';
import { latencyFigure } from '../figures/figures.ts';
import { type Agreement, type Opinion, type SecondOpinion, secondOpinions } from '../report/opinions.ts';
import { countOf } from '../figures/wording.ts';
import type { Report } from '../report/report.ts';
import { html, type Markup } from '../html/html.ts';
import { auditFigure } from '../report/audit-words.ts';
import { type Column, groupedTable } from '../html/table.ts';
import { figureCell, section, type Section } from './section.ts';

/** The same variants by several generators: what they agree on, and where the generator itself is in the figure. */
export const opinions: Section = (report) => {
  const all = secondOpinions(report);
  const groups = all.map(({ variant, opinions: items }) => ({ name: html`${variant}`, items }));
  if (groups.length === 0) return undefined;
  return section(
    'Second opinions: do other load generators see the same?',
    html`${groupedTable(groups, COLUMNS)}${differences(all)}<p class="note">The same nodes, feed and wire, read by a lighter and by a heavier client. Latencies agree when they differ by less than 2 % or 1 ms (pushes: 2 ms); a difference is within chance where the 95 % intervals of the two percentiles overlap. A generator’s own share is what its work adds to the median: its clients are read one after the other on one core. At least, that overlaps with sending to the next ones, so it grows only where reading takes longer; at most, all lie there before the first is read, as after a process had to be woken up. A difference within the smaller one is explained by it; any other is a disagreement, and it stands here as it was measured.${lightNote(report)} Bytes are all that crossed the wire, by each generator’s own requests: a browser says what a browser says. Memory is what the generator holds more than before anybody connected; k6 starts by connecting, so its own start is in it.</p>`,
  );
};

function lightNote({ result, all }: Report): Markup | undefined {
  const light = all.find(({ trial }) => hasFewerClients(trial, result.workload));
  if (light === undefined) return undefined;
  return html` With ${countOf(light.trial.clients, 'client')} nobody waits long behind others, whoever reads: there, all are to see the same server, and what they see apart with more clients is their own.`;
}

const COLUMNS: readonly Column<Opinion>[] = [
  { title: 'generator', cell: ({ generator }) => generator },
  { title: 'verdict', cell: ({ agreement }) => agreementCell(agreement) },
  { title: 'delivered', number: true, cell: ({ row }) => row.trial.audit.received.toLocaleString('en-US') },
  { title: 'lost', number: true, cell: ({ row }) => figureCell(auditFigure(row.trial.audit, 'lost'), String) },
  ...(['p50Ns', 'p90Ns', 'p99Ns'] as const).map(
    (field): Column<Opinion> => ({
      title: `staleness ${field.slice(0, 3)}`,
      number: true,
      cell: ({ row }) => figureCell(latencyFigure(row.figures.staleness, field), formatDuration),
    }),
  ),
  {
    title: 'wire per message',
    number: true,
    cell: ({ row }) => figureCell(row.figures.wireBytesPerMessage.total, formatBytes),
  },
  { title: 'clock', number: true, cell: ({ resolutionNs }) => formatDuration(resolutionNs) },
  { title: 'own share of p50', number: true, cell: ({ ownShareNs }) => ownShareCell(ownShareNs) },
  {
    title: 'generator CPU per message',
    number: true,
    cell: ({ row }) => figureCell(row.figures.generatorCpuNsPerMessage, formatDuration),
  },
  {
    title: 'messages per CPU second',
    number: true,
    cell: ({ messagesPerCpuSecond }) => figureCell(messagesPerCpuSecond, significant),
  },
  {
    title: 'memory per connection',
    number: true,
    cell: ({ memoryPerConnection }) => figureCell(memoryPerConnection, formatBytes),
  },
];

function ownShareCell({ least, most }: Opinion['ownShareNs']): Markup {
  const from = figureCell(least, formatDuration);
  return least === most ? from : html`${from} to ${figureCell(most, formatDuration)}`;
}

const WORDS: Readonly<Record<Agreement['state'], string>> = {
  reference: 'compared with',
  agrees: 'agrees',
  undecided: 'within chance',
  explained: 'differs, explained',
  disagrees: 'disagrees',
};

function agreementCell({ state }: Agreement): Markup {
  const word = WORDS[state];
  switch (state) {
    case 'reference':
      return html`<span class="muted">${word}</span>`;
    case 'agrees':
    case 'undecided':
    case 'explained':
      return html`${word}`;
    case 'disagrees':
      return html`<span class="bad">${word}</span>`;
    default:
      return state satisfies never;
  }
}

/** Every difference in words, below the table. */
function differences(all: readonly SecondOpinion[]): Markup | undefined {
  const items = all.flatMap(({ variant, opinions: each }) =>
    each.flatMap(({ generator, agreement }) =>
      'text' in agreement
        ? [html`<li><strong>${variant}: ${generator} ${WORDS[agreement.state]}.</strong> ${agreement.text}.</li>`]
        : [],
    ),
  );
  return items.length === 0 ? undefined : html`<ul class="words">${items}</ul>`;
}
