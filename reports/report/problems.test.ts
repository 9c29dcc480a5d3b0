import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Audit, AUDIT_COUNTS, auditFaults, FAULT_IDS } from '../../scenarios/result/audit-counts.ts';
import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { failedTrial, pollingTrial, sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { auditFigure, auditText, auditVerdict, problemsOf } from './problems.ts';
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

test('a single fault is told, with how many messages were expected', () => {
  const one = buildReport(sampleResult({ partial: false, plannedTrials: 1, trials: [withAudit({ reordered: 1 })] }));
  expect(problemsOf(one)).toEqual([
    { kind: 'audit', text: 'WebSocket, memory failed its audit: of 23,000 expected messages, 1 reordered.' },
  ]);
  expect(auditVerdict(one.rows)).toBe('failed in 1 trial');
});

test('several trials that failed their audits are counted', () => {
  const lossy = { ...pollingTrial(), audit: withAudit({ lost: 2 }).audit };
  const { rows } = buildReport(sampleResult({ trials: [withAudit({ lost: 1 }), lossy] }));
  expect(auditVerdict(rows)).toBe('failed in 2 trials');
});

test('a trial that could not be measured says why', () => {
  const failed = failedTrial(websocketTrial().variant);
  const report = buildReport(sampleResult({ partial: false, plannedTrials: 1, trials: [failed] }));
  expect(problemsOf(report)).toEqual([
    { kind: 'failed', text: 'WebSocket, memory could not be measured: Redis stopped answering: "connection, refused"' },
  ]);
});

test('a trial that served another feed is named; one that was cut short may have served less of it', () => {
  const stranger = { ...websocketTrial(), scheduleHash: 'cd'.repeat(32) };
  const told = (trial: MeasuredTrial): string[] =>
    problemsOf(buildReport(sampleResult({ partial: false, plannedTrials: 1, trials: [trial] }))).map(
      ({ text }) => text,
    );
  expect(told(stranger)).toEqual([
    'WebSocket, memory did not serve the planned feed (its schedule hash differs), so it cannot be compared.',
  ]);
  expect(told({ ...stranger, partial: true })).toEqual([]);
});

test.each([
  [1, [], 'This run is partial: it was stopped early.'],
  [3, [], 'This run is partial: it was stopped early. 2 trials of 3 did not start.'],
  [1, [pollingTrial()], 'This run is partial: it was stopped early. HTTP polling, memory was cut short.'],
])('a run that was stopped says what is missing: %d planned', (plannedTrials, others, text) => {
  const cut = others.map((trial) => ({ ...trial, partial: true }));
  const trials = [websocketTrial(), ...cut];
  expect(problemsOf(buildReport(sampleResult({ partial: true, plannedTrials, trials })))).toEqual([
    { kind: 'partial', text },
  ]);
});

test('two trials that were cut short are both named', () => {
  const trials = [websocketTrial(), pollingTrial()].map((trial) => ({ ...trial, partial: true }));
  const [problem] = problemsOf(buildReport(sampleResult({ partial: true, plannedTrials: 2, trials })));
  expect(problem?.text).toMatch(/ HTTP polling, memory; WebSocket, memory was cut short\.$/);
});

test('a trial whose instrument was too busy is suspect, with each reason', () => {
  const trial = websocketTrial();
  const processes = trial.processes.map((process) =>
    process.role === 'worker' ? { ...process, cpuNsPerBin: process.cpuNsPerBin.map(() => 0.95e9) } : process,
  );
  const report = buildReport(sampleResult({ partial: false, plannedTrials: 1, trials: [{ ...trial, processes }] }));
  const [problem, ...more] = problemsOf(report);
  expect(more).toEqual([]);
  expect(problem).toMatchObject({
    kind: 'suspect',
    text: expect.stringMatching(/^WebSocket, memory is suspect: worker 1.*95 %.*\.$/) as unknown,
  });
});
