import {
  type Audit,
  AUDIT_COUNTS,
  type AuditCountId,
  auditFaults,
  FAULT_IDS,
  whyUnknown,
} from '../../scenarios/result/audit-counts.ts';
import type { Figure } from '../figures/figure.ts';
import { measuredOf, type Row } from './rows.ts';
import { countOf } from '../figures/wording.ts';

/** `ok`, or what was wrong with the feed as it arrived: `3 lost, 1 reordered`. */
export function auditText(audit: Audit): string {
  if (auditFaults(audit) === 0) return 'ok';
  return FAULT_IDS.flatMap((id) => {
    const count = audit[id] ?? 0;
    return count > 0 ? [`${count.toLocaleString('en-US')} ${AUDIT_COUNTS[id].label}`] : [];
  }).join(', ');
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
