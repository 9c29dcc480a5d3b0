import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';
import { writeReports } from './write-reports.ts';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };

describe('the page in a browser', NEEDS_CHROMIUM, () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'feedbench-page-'));
    url = pathToFileURL(writeReports(folder, sampleResult())).href;
    browser = await chromium.launch(CHROMIUM);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  interface Opened {
    readonly page: Page;
    /** What it complained about, and what it asked for besides itself. */
    readonly complaints: readonly string[];
  }

  async function open(
    address: string,
    view: { colorScheme: 'light' | 'dark'; viewport: typeof DESK },
  ): Promise<Opened> {
    const page = await browser.newPage(view);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== address) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(address, { waitUntil: 'load' });
    await drawEveryPlot(page);
    return { page, complaints };
  }

  const views = [
    { name: 'light', colorScheme: 'light', viewport: DESK },
    { name: 'dark', colorScheme: 'dark', viewport: DESK },
    { name: 'on a phone, light', colorScheme: 'light', viewport: PHONE },
    { name: 'on a phone, dark', colorScheme: 'dark', viewport: PHONE },
  ] as const;

  test.each(views)('$name: every chart is drawn, nothing is fetched, nothing overflows', async (view) => {
    const { page, complaints } = await open(url, view);
    const charts = await page.locator('canvas').evaluateAll(coloursOfCanvases);
    expect(charts.length).toBeGreaterThanOrEqual(5);
    for (const { colours, label } of charts) {
      expect(colours).toBeGreaterThan(8);
      expect(label).not.toBe('');
    }
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('charts follow the scheme when it changes', async () => {
    const { page } = await open(url, { colorScheme: 'light', viewport: DESK });
    const inLight = await page.locator('canvas').first().evaluate(imageOf);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(async () => page.locator('canvas').first().evaluate(imageOf)).not.toBe(inLight);
    await page.close();
  });

  test('names from outside are text, and what went wrong is said before any number', async () => {
    const { page } = await open(url, { colorScheme: 'light', viewport: DESK });
    expect(await page.locator('scores').count()).toBe(0);
    const text = (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('<scores>');
    const said = ['failed its audit', 'could not be measured', 'partial', 'is suspect'].map((words) =>
      text.indexOf(words),
    );
    expect(said).not.toContain(-1);
    expect(Math.max(...said)).toBeLessThan(text.indexOf('Every variant, every trial'));
    await page.close();
  });

  test('it prints in the colours of paper, with the charts', async () => {
    const { page, complaints } = await open(url, { colorScheme: 'dark', viewport: DESK });
    expect((await page.pdf()).length).toBeGreaterThan(20_000);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each([
    { name: 'no trial at all', trials: [] },
    { name: 'one trial', trials: [websocketTrial()] },
    { name: 'no wire', trials: [withoutWire()] },
  ])('$name makes a page too', async ({ name, trials }) => {
    const own = await mkdtemp(join(folder, `${name.replaceAll(' ', '-')}-`));
    const page = writeReports(own, sampleResult({ trials, partial: false }));
    const opened = await open(pathToFileURL(page).href, { colorScheme: 'light', viewport: PHONE });
    expect(opened.complaints).toEqual([]);
    await opened.page.close();
  });
});

/** A plot is drawn when it comes near. */
async function drawEveryPlot(page: Page): Promise<void> {
  for (const plot of await page.locator('.field[data-plot]').all()) {
    await plot.scrollIntoViewIfNeeded();
    await plot.locator('canvas').waitFor();
  }
}

function withoutWire(): ReturnType<typeof websocketTrial> {
  const source = { kind: 'n/a', reason: 'no private network: unshare is not allowed' } as const;
  return { ...websocketTrial(), sources: { wireBytesDown: source, wireBytesUp: source } };
}

/** The pixels' distinct colours: a canvas that nothing was drawn on has one. */
function coloursOfCanvases(canvases: readonly unknown[]): { colours: number; label: string }[] {
  interface Canvas {
    readonly width: number;
    readonly height: number;
    getContext(kind: '2d'): {
      getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray<ArrayBuffer> };
    };
    getAttribute(name: string): string | null;
  }
  return (canvases as readonly Canvas[]).map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return { colours: new Set(new Uint32Array(data.buffer)).size, label: canvas.getAttribute('aria-label') ?? '' };
  });
}

function imageOf(canvas: unknown): string {
  return (canvas as { toDataURL(): string }).toDataURL();
}
