import { expect, test } from 'vitest';
import { buildReport } from '../report/report.ts';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { header } from './header.ts';

test.each([
  ['all were measured', {}, '19 trials in 3 blocks, 1 suspect'],
  ['one failed', { hasFailed: true }, '19 trials in 3 blocks, 1 failed, 1 suspect'],
  ['it was stopped', { isHalfDone: true }, '20 of 24 trials in 4 blocks, partial, 1 suspect'],
])('%s: how many trials there are', (_name, sample, text) => {
  expect(header(buildReport(sampleCampaign(sample)), { summary: 'summary.csv' }).text).toContain(`· ${text} ·`);
});
