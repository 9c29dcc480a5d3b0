import { type Audit, AUDIT_COUNT_IDS, type AuditCountId } from '../../../scenarios/result/audit-counts.ts';
import { COMPARED } from '../../figures/compared.ts';
import { goneTexts } from '../../figures/gone-texts.ts';
import { countOf, listOf } from '../../figures/wording.ts';
import { auditText } from '../audit-words.ts';
import { controlOf } from '../ratios.ts';
import type { Report } from '../report.ts';
import { hasFaults, measuredOf, plannedOnes, type Row } from '../rows.ts';
import { caveatsOf } from './caveats.ts';
import type { Field } from './field.ts';
import { above, intervalText, ratioText } from './phrases.ts';
import { suspicionsOf } from './suspicions.ts';
import { whoseText } from './whose.ts';

/** Why a figure may not be what it seems: a `doubt`, or something that is `wrong`. */
export interface Doubt {
  readonly text: string;
  readonly kind: 'doubt' | 'wrong';
}

/** What a reader must know of the figures, a reason at a time; what is wrong comes first. */
export function doubtsOf(report: Report, field: Field): Doubt[] {
  const wrong = [
    ...controls(field),
    ...audits(report, field),
    ...goneThings(field),
    ...strangers(report, field),
    ...failures(report, field),
  ];
  const doubtful = [...interruptions(report, field), ...suspicionsOf(report, field), ...caveatsOf(report, field)];
  return [
    ...wrong.map((text): Doubt => ({ text, kind: 'wrong' })),
    ...doubtful.map((text): Doubt => ({ text, kind: 'doubt' })),
  ];
}

function controls({ report }: Field): string[] {
  const red = controlOf(report).flatMap(({ metric, ratio, isRed }) => {
    if (!isRed || ratio.state === 'unranked') return [];
    const shown = above(ratio);
    const interval = intervalText(shown);
    return [
      `${ratioText(shown.ratio)} times${interval === undefined ? '' : ` (${interval})`} in ${COMPARED[metric].label}`,
    ];
  });
  if (red.length === 0) return [];
  return [
    `The same variant measured twice differed by ${listOf(red)}: no difference smaller than that means anything here. By chance this is so in 1 of 20 campaigns.`,
  ];
}

function audits(report: Report, field: Field): string[] {
  const faulty = measuredOf(report.all).filter(hasFaults);
  return byGroup(report, faulty).map((rows) => {
    const audit = summed(rows.map(({ trial }) => trial.audit));
    const trials = rows.length === 1 ? '' : ` in ${countOf(rows.length, 'trial')}`;
    return `${nameOfRows(report, field, rows)} failed its audit${trials}: of ${audit.expected.toLocaleString('en-US')} expected messages, ${auditText(audit)}.`;
  });
}

/** Where something was killed that alone held what makes the feed. */
function goneThings({ groups, nameOf }: Field): string[] {
  return groups.flatMap((group) =>
    goneTexts(group.counting.map(({ trial }) => trial)).map((text) => `${nameOf(group)}: ${text}`),
  );
}

function summed(all: readonly Audit[]): Audit {
  const total = (id: AuditCountId): number => all.reduce((sum, audit) => sum + (audit[id] ?? 0), 0);
  return Object.fromEntries(AUDIT_COUNT_IDS.map((id) => [id, total(id)])) as Audit;
}

/** Every trial must have served the feed that the manifest names; one that was cut short may have served less of it. */
function strangers(report: Report, field: Field): string[] {
  const rows = measuredOf(report.all).filter(
    ({ trial }) => !trial.partial && trial.scheduleHash !== report.result.manifest.scheduleHash,
  );
  return byGroup(report, rows).map(
    (own) =>
      `${nameOfRows(report, field, own)} did not serve the planned feed (its schedule hash differs), so it cannot be compared.`,
  );
}

function failures(report: Report, field: Field): string[] {
  const failed = report.all.filter((row) => row.state === 'failed');
  return [...Map.groupBy(failed, ({ trial }) => trial.message)].map(([message, rows]) => {
    return `${whoseText(report, field, rows)} could not be measured${inTrials(report, rows)}: ${message}${/[.!?]$/.test(message) ? '' : '.'}`;
  });
}

/** ` in 1 trial of 5`; of those that were never measured there is nothing more to tell than how often it was tried. */
function inTrials({ groups }: Report, rows: readonly Row[]): string {
  const own = groups.filter((group) => group.rows.some((row) => rows.includes(row)));
  const all = own.flatMap((group) => group.rows);
  if (all.some(({ state }) => state === 'measured')) return ` in ${countOf(rows.length, 'trial')} of ${all.length}`;
  return rows.length === 1 ? '' : ` in ${countOf(rows.length, 'trial')}`;
}

function interruptions(report: Report, field: Field): string[] {
  const { result, all } = report;
  if (!result.partial) return [];
  const cut = measuredOf(all).filter(({ trial }) => trial.partial);
  const missing = Math.max(0, result.plannedTrials - plannedOnes(all).length);
  return [
    [
      missing > 0 || cut.length > 0
        ? 'This run is partial: it was stopped early.'
        : 'This run is partial: some of what was to be in it is missing, as the remarks of its trials say.',
      missing > 0 ? ` ${countOf(missing, 'trial')} of ${result.plannedTrials} did not start.` : '',
      cut.length > 0 ? ` ${whoseText(report, field, cut)} ${cut.length > 1 ? 'were' : 'was'} cut short.` : '',
    ].join(''),
  ];
}

function byGroup<R extends Row>({ groups }: Report, rows: readonly R[]): R[][] {
  return [...Map.groupBy(rows, (row) => groups.find((group) => group.rows.includes(row))?.key ?? row.label).values()];
}

function nameOfRows(report: Report, field: Field, rows: readonly Row[]): string {
  return whoseText(report, field, rows.slice(0, 1));
}
