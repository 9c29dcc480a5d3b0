import { statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { printText } from '../../cli/terminal.ts';
import { CLAIMS_FILE } from '../../reports/claims/write-claims.ts';
import { FORMATS } from '../../reports/formats.ts';
import { placeOf } from '../../reports/html/place.ts';
import { readResult, RESULT_FILE } from '../../reports/read-result.ts';
import { buildReport } from '../../reports/report/report.ts';
import { CHROMIUM } from '../../scenarios/testing/chromium.ts';

/**
 * The sample report that is checked in, made again from its result: `node tools/sample/sample.ts`, or `make sample`. The
 * picture is what a reader sees first, and stands in the README. A new sample is a new result.json in that folder.
 */
const FOLDER = join(dirname(dirname(import.meta.dirname)), 'reports', 'sample');
const PICTURE = 'report.png';
/** Small, so that the picture is; what is below the answer is cut off. */
const VIEW = { width: 1060, height: 600 };

const report = buildReport(readResult(join(FOLDER, RESULT_FILE)));
const place = placeOf(FOLDER, { result: RESULT_FILE, summary: FORMATS.csv.file, claims: CLAIMS_FILE });
for (const { file, render } of Object.values(FORMATS)) writeFileSync(join(FOLDER, file), render(report, place));
const page = join(FOLDER, FORMATS.html.file);
await takePicture(page, join(FOLDER, PICTURE));
printText(`${page}, and its picture of ${Math.round(statSync(join(FOLDER, PICTURE)).size / 1000)} kB\n`);

async function takePicture(path: string, picture: string): Promise<void> {
  const browser = await chromium.launch(CHROMIUM);
  try {
    const tab = await browser.newPage({ viewport: VIEW, colorScheme: 'light' });
    await tab.goto(pathToFileURL(path).href, { waitUntil: 'load' });
    await tab.screenshot({ path: picture });
  } finally {
    await browser.close();
  }
}
