import { z } from 'zod';
import { isSilent } from '../../scenarios/feed/kinds/feed-kinds.ts';
import { COLOURS, SHAPES } from '../../scenarios/transport-traits.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { isSupported } from '../figures/statistics.ts';
import { distinct } from '../figures/wording.ts';
import { answerOf, headlineOf } from '../report/answer/answer.ts';
import { fieldOf } from '../report/answer/field.ts';
import { calledBest, standingOf } from '../report/answer/standing.ts';
import { UNSUPPORTED_MARK } from '../report/comparison.ts';
import { centreOf, type Group, messagesOf, rangeOf } from '../report/groups.ts';
import { auditVerdict } from '../report/audit-words.ts';
import type { Report } from '../report/report.ts';
import { isSuspect, measuredOf, plannedOnes } from '../report/rows.ts';

/** What the list of runs says of one: it stands beside its report, so that a list of many needs no result to be read again. */
const ENTRY_SCHEMA = 'feedbench.entry/2';

/** What the list has of a run, of each less is better: what its scenario is about. */
function listedMetrics({ result: { workload } }: Report): readonly ComparedMetricId[] {
  if (isSilent(workload.feed)) return ['bytes.idle', 'cpu.idle', 'memory.idle'];
  if (workload.feed.kind === 'streams') return ['toFirst.p50', 'gap.p99', 'bytes.wire'];
  return ['staleness.p50', 'bytes.wire', 'cpu.server'];
}

const lookSchema = z.strictObject({ colour: z.enum(COLOURS), shape: z.enum(SHAPES) });

/** Centre, least and most of the trials, as numbers and in words; null where it is n/a. */
const amountSchema = z
  .strictObject({ text: z.string(), range: z.string(), centre: z.number(), low: z.number(), high: z.number() })
  .nullable();

const entrySchema = z.strictObject({
  schema: z.literal(ENTRY_SCHEMA),
  name: z.string(),
  description: z.string(),
  startedAt: z.iso.datetime(),
  answer: z.string(),
  doubts: z.array(z.strictObject({ kind: z.enum(['doubt', 'wrong']), text: z.string() })),
  clients: z.int(),
  trials: z.strictObject({
    made: z.int(),
    planned: z.int(),
    failed: z.int(),
    suspect: z.int(),
    partial: z.boolean(),
  }),
  audit: z.string(),
  generators: z.array(z.string()),
  places: z.array(z.string()),
  /** What figures and amounts are of, in their order. */
  metrics: z.array(z.string()),
  /** In the order of the report, with what each came to where it is plainest. */
  transports: z.array(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      look: lookSchema,
      figures: z.array(z.strictObject({ text: z.string(), isBest: z.boolean() })),
    }),
  ),
  variants: z.array(z.strictObject({ label: z.string(), look: lookSchema, amounts: z.array(amountSchema) })),
});

export type RunEntry = z.infer<typeof entrySchema>;

/** Undefined where it is not one of this version. */
export function parseEntry(value: unknown): RunEntry | undefined {
  const parsed = entrySchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

export function entryOf(report: Report): RunEntry {
  const { result, all, rows } = report;
  const { verdict, doubts } = answerOf(report);
  const measured = measuredOf(all);
  const groups = report.groups.filter(({ isCopy }) => !isCopy);
  const metrics = listedMetrics(report);
  return {
    schema: ENTRY_SCHEMA,
    name: result.workload.name,
    description: result.workload.description,
    startedAt: result.startedAt,
    answer: headlineOf(verdict),
    doubts: doubts.slice(0, MOST_DOUBTS).map(({ kind, text }) => ({ kind, text })),
    clients: result.workload.clients,
    trials: {
      made: result.partial ? plannedOnes(all).length : all.length,
      planned: result.plannedTrials,
      failed: all.length - measured.length,
      suspect: measured.filter(isSuspect).length,
      partial: result.partial,
    },
    audit: auditVerdict(all),
    generators: distinct(all.map(({ trial }) => result.generators[trial.generator]?.label ?? trial.generator)),
    places: distinct(rows.map(({ lines }) => lines[1] ?? '')),
    metrics: metrics.map((metric) => COMPARED[metric].label),
    transports: transportsOf(report, groups, metrics),
    variants: groups.map((group) => ({
      label: group.label,
      look: plainLook(group),
      amounts: metrics.map((metric) => amountOf(group, metric)),
    })),
  };
}

/** More stand in the report. */
const MOST_DOUBTS = 2;

function plainLook({ look: { colour, shape } }: Group): RunEntry['variants'][number]['look'] {
  return { colour, shape };
}

/** Of each transport its first variant: on the fewest nodes, as usual as there is. */
function transportsOf(
  report: Report,
  groups: readonly Group[],
  metrics: readonly ComparedMetricId[],
): RunEntry['transports'] {
  const ids = distinct(groups.flatMap(transportOf));
  const field = fieldOf(report);
  const best = metrics.map((metric) => new Set(calledBest(standingOf(field, metric)).map(({ key }) => key)));
  return ids.flatMap((id) => {
    const group = groups.find((one) => transportOf(one).includes(id));
    if (group === undefined) return [];
    const figures = metrics.map((metric, index) => ({
      text: figureText(group, metric),
      isBest: best[index]?.has(group.key) ?? false,
    }));
    return [{ id, label: group.transport, look: plainLook(group), figures }];
  });
}

function transportOf({ rows }: Group): string[] {
  return rows.slice(0, 1).map(({ trial }) => trial.variant.transport);
}

function figureText(group: Group, metric: ComparedMetricId): string {
  const centre = centreOf(group, metric);
  if (!isAvailable(centre)) return 'n/a';
  const { percentile, format } = COMPARED[metric];
  const isDoubtful = percentile !== undefined && !isSupported(percentile, messagesOf(group));
  return `${isDoubtful ? `${UNSUPPORTED_MARK} ` : ''}${format(centre)}`;
}

function amountOf(group: Group, metric: ComparedMetricId): z.infer<typeof amountSchema> {
  const centre = centreOf(group, metric);
  const range = rangeOf(group, metric);
  if (!isAvailable(centre) || range === undefined) return null;
  const [low, high] = range;
  const [from = '', to = ''] = range.map(COMPARED[metric].format);
  return {
    text: figureText(group, metric),
    range: from === to ? '' : `${from} to ${to}`,
    centre: shortened(centre),
    low: shortened(low),
    high: shortened(high),
  };
}

function shortened(value: number): number {
  return Number(value.toPrecision(4));
}
