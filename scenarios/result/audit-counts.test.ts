import { expect, test } from 'vitest';
import { type Audit, AUDIT_COUNT_IDS, AUDIT_COUNTS, auditFaults, FAULT_IDS, whyUnknown } from './audit-counts.ts';

const CLEAN = Object.fromEntries(AUDIT_COUNT_IDS.map((id) => [id, 0])) as unknown as Audit;

test('these fail an audit, each by itself and by as many as there are, and nothing else does', () => {
  const ofMessages = ['lost', 'duplicated', 'reordered', 'corrupted', 'misplaced', 'foreign'];
  expect(FAULT_IDS).toEqual([...ofMessages, 'unanswered', 'refused', 'misreported']);
  for (const id of AUDIT_COUNT_IDS) {
    expect([id, auditFaults({ ...CLEAN, [id]: 7 })]).toEqual([id, FAULT_IDS.some((fault) => fault === id) ? 7 : 0]);
  }
  expect(auditFaults({ ...CLEAN, lost: 2, misplaced: 3, foreign: 4 })).toBe(9);
});

test('what a trial could not know is no fault, and says why', () => {
  expect(auditFaults({ ...CLEAN, corrupted: null, misplaced: null, lost: 1 })).toBe(1);
  expect(AUDIT_COUNT_IDS.filter((id) => whyUnknown(id) !== undefined)).toEqual(['corrupted', 'misplaced']);
});

/** Where they are not the id. */
const LABELS = new Map<string, string>([
  ['declaredLost', 'of them declared'],
  ['leftOut', 'left out'],
]);

/** Where they are not messages. */
const UNITS = new Map<string, string>([
  ['subscribers', 'subscribers'],
  ['unanswered', 'commands'],
  ['refused', 'commands'],
  ['misreported', 'users'],
]);

test.each(AUDIT_COUNT_IDS)('%s has a label of its own, a unit and a meaning', (id) => {
  const { label, unit, meaning } = AUDIT_COUNTS[id];
  expect(label).toBe(LABELS.get(id) ?? id);
  expect(unit).toBe(UNITS.get(id) ?? 'messages');
  expect(meaning).toMatch(/\w{3}/);
});
