import {
  type Audit,
  AUDIT_COUNTS,
  type AuditCountId,
  auditFaults,
  FAULT_IDS,
  whyUnknown,
} from '../../scenarios/result/audit-counts.ts';
import type { Figure } from '../figures/figure.ts';
import { reasonText } from '../figures/verdict.ts';
import type { Report } from './report.ts';
import { measuredOf, type Row } from './rows.ts';
import { countOf } from '../figures/wording.ts';

/** What a reader must know before any number; worst first. */
export interface Problem {
  readonly kind: 'failed' | 'audit' | 'feed' | 'partial' | 'suspect';
  readonly text: string;
}

export function problemsOf(report: Report): Problem[] {
  return [
    ...auditProblems(report),
    ...failures(report),
    ...feedProblems(report),
    ...partial(report),
    ...suspects(report),
  ];
}

/** `ok`, or what was wrong with the feed as it arrived: `3 lost, 1 reordered`. */
export function auditText(audit: Audit): string {
  if (auditFaults(audit) === 0) return 'ok';
  return FAULT_IDS.flatMap((id) => {
    const count = audit[id] ?? 0;
    return count > 0 ? [`${count.toLocaleString('en-US')} ${AUDIT_COUNTS[id].label}`] : [];
  }).join(', ');
}

function auditProblems({ all }: Report): Problem[] {
  return measuredOf(all)
    .filter(({ trial }) => auditFaults(trial.audit) > 0)
    .map(({ label, trial }) => ({
      kind: 'audit',
      text: `${label} failed its audit: of ${trial.audit.expected.toLocaleString('en-US')} expected messages, ${auditText(trial.audit)}.`,
    }));
}

function failures({ all }: Report): Problem[] {
  return all
    .filter((row) => row.state === 'failed')
    .map(({ label, trial }) => ({ kind: 'failed', text: `${label} could not be measured: ${trial.message}` }));
}

/** Every trial must have served the feed that the manifest names; a trial that was cut short may have served less. */
function feedProblems({ result, all }: Report): Problem[] {
  return measuredOf(all)
    .filter(({ trial }) => !trial.partial && trial.scheduleHash !== result.manifest.scheduleHash)
    .map(({ label }) => ({
      kind: 'feed',
      text: `${label} did not serve the planned feed (its schedule hash differs), so it cannot be compared.`,
    }));
}

function partial({ result, all }: Report): Problem[] {
  if (!result.partial) return [];
  const cut = measuredOf(all)
    .filter(({ trial }) => trial.partial)
    .map(({ label }) => label);
  const missing = Math.max(0, result.plannedTrials - all.filter(({ trial }) => trial.attempt === 1).length);
  return [
    {
      kind: 'partial',
      text: [
        'This run is partial: it was stopped early.',
        missing > 0 ? ` ${countOf(missing, 'trial')} of ${result.plannedTrials} did not start.` : '',
        cut.length > 0 ? ` ${cut.join('; ')} was cut short.` : '',
      ].join(''),
    },
  ];
}

function suspects({ all }: Report): Problem[] {
  return measuredOf(all).flatMap((row): Problem[] =>
    row.verdict.state === 'suspect'
      ? [{ kind: 'suspect', text: `${row.label} is suspect: ${row.verdict.reasons.map(reasonText).join('; ')}.` }]
      : [],
  );
}

/** The run's audit in a word or two. */
export function auditVerdict(rows: readonly Row[]): string {
  const measured = measuredOf(rows);
  const faulty = measured.filter(({ trial }) => auditFaults(trial.audit) > 0).length;
  if (measured.length === 0) return 'nothing measured';
  return faulty === 0 ? 'ok' : `failed in ${countOf(faulty, 'trial')}`;
}

/** One count of an audit; null is what this trial could not know. */
export function auditFigure(audit: Audit, id: AuditCountId): Figure {
  return audit[id] ?? { reason: whyUnknown(id) ?? 'not counted' };
}
