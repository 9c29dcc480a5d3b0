import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { REAL_TIME } from '../scenarios/testing/conditions.ts';
import { largestCampaign } from './testing/largest-campaign.ts';
import { writeReports } from './write-reports.ts';

const MOST_PAINT_MS = 1000;

test('the largest page is painted within a second', {
  ...NEEDS_CHROMIUM,
  ...REAL_TIME,
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'feedbench-paint-'));
  const browser = await chromium.launch(CHROMIUM);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(pathToFileURL(writeReports(folder, largestCampaign())).href, { waitUntil: 'load' });
    const paint = 'performance.getEntriesByName("first-contentful-paint")[0]?.startTime';
    await expect.poll(async () => page.evaluate<number | undefined>(paint)).toBeLessThanOrEqual(MOST_PAINT_MS);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
});
