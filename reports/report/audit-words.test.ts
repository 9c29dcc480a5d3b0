import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Audit, AUDIT_COUNTS, auditFaults, FAULT_IDS } from '../../scenarios/result/audit-counts.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { auditFigure, auditText, auditVerdict } from './audit-words.ts';
import { buildReport } from './report.ts';

function withAudit(changes: Partial<Audit>): MeasuredTrial {
  const trial = websocketTrial();
  return { ...trial, audit: { ...trial.audit, ...changes } };
}

test('an audit is ok exactly where nothing is wrong; otherwise each fault stands with its number, and no other', () => {
  const { audit } = websocketTrial();
  const faults = fc.record(Object.fromEntries(FAULT_IDS.map((id) => [id, fc.integer({ min: 0, max: 3 })])));
  fc.assert(
    fc.property(faults, (counts) => {
      const changed = { ...audit, ...counts } as Audit;
      const present = FAULT_IDS.filter((id) => (counts[id] ?? 0) > 0);
      const expected = present.map((id) => `${counts[id]} ${AUDIT_COUNTS[id].label}`);
      expect(auditText(changed)).toBe(expected.length === 0 ? 'ok' : expected.join(', '));
      expect(auditFaults(changed)).toBe(FAULT_IDS.reduce((sum, id) => sum + (counts[id] ?? 0), 0));
    }),
  );
});

test('what an audit could not know is no fault, and says why', () => {
  const { audit } = withAudit({ corrupted: null, misplaced: null });
  expect(auditText(audit)).toBe('ok');
  expect(auditFigure(audit, 'corrupted')).toEqual({ reason: 'this generator does not look at checksums' });
  expect(auditFigure(audit, 'received')).toBe(audit.received);
  expect(auditFigure({ ...audit, lost: 0 }, 'lost')).toBe(0);
});

test('several trials that failed their audits are counted', () => {
  const lossy = { ...pollingTrial(), audit: withAudit({ lost: 2 }).audit };
  const { rows } = buildReport(sampleResult({ trials: [withAudit({ lost: 1 }), lossy] }));
  expect(auditVerdict(rows)).toBe('failed in 2 trials');
});
