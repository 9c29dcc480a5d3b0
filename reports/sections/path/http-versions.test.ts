import { expect, test } from 'vitest';
import { buildReport, type Report } from '../../report/report.ts';
import { sampleResult } from '../../testing/sample-result.ts';
import { sampleTrial } from '../../testing/sample-trial.ts';
import { httpVersions } from './http-versions.ts';

function reportOf(...versions: ('1.1' | '2')[]): Report {
  const trials = versions.map((http) =>
    sampleTrial({
      // What is usual may go without saying.
      variant: {
        transport: 'polling',
        backplane: 'memory',
        values: { pollIntervalNs: 2e9, ...(http === '2' && { http }) },
      },
      stalenessMs: [1, 5],
      answersPerSecond: 25,
      emptyShare: 0,
      headerBytes: http === '2' ? 152 : 733,
      wireBytesPerMessage: http === '2' ? 330 : 900,
      cpuUsPerMessage: 20,
    }),
  );
  return buildReport(sampleResult({ trials }));
}

test('both versions of a transport stand beside each other', () => {
  const text = String(httpVersions(reportOf('1.1', '2'))?.text);
  expect(text).toContain('What does HTTP/2 change?');
  expect(text).toContain('over HTTP/2');
  expect(text).toMatch(/900 B.*330 B/s);
});

test('a single version says nothing', () => {
  expect(httpVersions(reportOf('1.1'))).toBeUndefined();
  expect(httpVersions(reportOf('2'))).toBeUndefined();
});
