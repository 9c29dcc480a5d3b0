import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { COMPARED } from './figures/compared.ts';
import { centreOf } from './report/groups.ts';
import { buildReport } from './report/report.ts';
import { sampleCampaign } from './testing/sample-campaign.ts';
import { writeReports } from './write-reports.ts';

const result = sampleCampaign();
const groups = buildReport(result).groups.filter(({ isCopy }) => !isCopy);

describe('charts in a browser', NEEDS_CHROMIUM, () => {
  let browser: Browser;
  let folder: string;
  let url: string;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'feedbench-charts-'));
    url = pathToFileURL(writeReports(folder, result)).href;
    browser = await chromium.launch(CHROMIUM);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    await page.goto(url, { waitUntil: 'load' });
    await staleness().scrollIntoViewIfNeeded();
    await canvas().waitFor();
  });

  const staleness = (): Locator => page.locator('#staleness .field').first();
  const canvas = (): Locator => staleness().locator('canvas');
  const read = async (): Promise<string> => page.locator('#staleness .read').innerText();

  test('values are read off as the table has them, by pointer and by keys', async () => {
    await canvas().focus();
    const texts: string[] = [];
    for (let step = 0; step < 12 && !(texts.at(-1) ?? '').startsWith('p50'); step++) {
      await page.keyboard.press('ArrowRight');
      texts.push(await read());
    }
    const shown = texts.at(-1) ?? '';
    expect(shown).toMatch(/^p50: /);
    const first = new Set(groups.map(({ label }) => label).filter((label) => shown.includes(label)));
    expect(first.size).toBeGreaterThan(1);
    for (const group of groups.filter(({ label }) => first.has(label))) {
      expect(shown).toContain(
        `${group.label} ${COMPARED['staleness.p50'].format(Number(centreOf(group, 'staleness.p50')))}`,
      );
    }
    const box = await canvas().boundingBox();
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) - 30, (box?.y ?? 0) + 100);
    expect(await read()).not.toBe(shown);
    await page.locator('#bytes .bars svg').first().hover();
    expect(await page.locator('#bytes .read').innerText()).toMatch(/message 300 B, .* in all/);
  });

  test('what the legend puts aside is aside in drawing and canvas, and stays so in print and another scheme', async () => {
    const before = await canvas().evaluate(imageOf);
    await page.locator('button[data-pick="websocket"]').click();
    expect(await canvas().evaluate(imageOf)).not.toBe(before);
    const picked = await canvas().evaluate(imageOf);
    // A colour that is none is drawn in black.
    expect(await canvas().evaluate(blackPixels)).toBe(0);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(async () => canvas().evaluate(imageOf)).not.toBe(picked);
    await page.emulateMedia({ media: 'print' });
    const series = page.locator('#staleness .field g.series');
    const isAside = await series.evaluateAll(asideOf);
    expect(isAside.filter(({ aside }) => !aside).map(({ group }) => group.split('/')[0])).toContain('websocket');
    expect(isAside.filter(({ aside }) => aside).map(({ group }) => group.split('/')[0])).not.toContain('websocket');
    expect(isAside.some(({ aside }) => aside)).toBe(true);
  });

  test('on paper, and without scripts, the drawing is there instead of the canvas', async () => {
    await page.emulateMedia({ media: 'print' });
    expect(await canvas().isVisible()).toBe(false);
    expect(await staleness().locator('> svg').isVisible()).toBe(true);
    const plain = await browser.newPage({ javaScriptEnabled: false });
    await plain.goto(url);
    expect(await plain.locator('canvas').count()).toBe(0);
    expect(await plain.locator('#staleness .field > svg').first().isVisible()).toBe(true);
    await plain.close();
  });

  test('a range that is dragged over is zoomed into, and left again', async () => {
    const box = (await canvas().boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const whole = await canvas().evaluate(imageOf);
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.7 * box.height, { steps: 4 });
    await page.mouse.up();
    const back = page.getByRole('button', { name: 'Whole range' });
    await back.waitFor();
    await back.click();
    expect(await back.count()).toBe(0);
    await expect.poll(async () => canvas().evaluate(imageOf)).toBe(whole);
  });

  test.each(['light', 'dark'] as const)('%s: every mark stands out from what is behind it', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const marks = page.locator(
      '.field .line, .field .whisker, .field .point:not(.hollow), .ratios .interval, .residual rect',
    );
    const colours = new Set((await marks.evaluateAll(coloursOf)).map(({ paper, mark }) => `${mark} on ${paper}`));
    expect(colours.size).toBeGreaterThan(3);
    for (const pair of colours) expect([pair, contrast(pair) >= 3]).toEqual([pair, true]);
  });

  test('nothing of all that made the browser complain', () => {
    expect(complaints).toEqual([]);
  });
});

interface Element {
  getAttribute(name: string): string | null;
  matches(selector: string): boolean;
  toDataURL(): string;
}

interface Style {
  readonly fill: string;
  readonly stroke: string;
  readonly backgroundColor: string;
}

function imageOf(canvas: unknown): string {
  return (canvas as Element).toDataURL();
}

/** Runs in the page, on a copy, since reading a canvas more than once makes the browser complain. */
function blackPixels(canvas: unknown): number {
  interface Canvas {
    readonly width: number;
    readonly height: number;
    getContext(kind: '2d'): {
      drawImage(image: unknown, x: number, y: number): void;
      getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray<ArrayBuffer> };
    };
  }
  const { width, height } = canvas as Canvas;
  const { OffscreenCanvas } = globalThis as unknown as {
    OffscreenCanvas: new (width: number, height: number) => Canvas;
  };
  const copy = new OffscreenCanvas(width, height).getContext('2d');
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  const words = new Uint32Array(data.buffer);
  // Opacity is the highest byte.
  return words.reduce((count, word) => (word === 0xff_00_00_00 ? count + 1 : count), 0);
}

function asideOf(elements: readonly unknown[]): { group: string; aside: boolean }[] {
  return (elements as readonly Element[]).map((element) => ({
    group: element.getAttribute('data-group') ?? '',
    aside: element.matches('.aside'),
  }));
}

/** Runs in the page: what a mark is drawn in, and what is behind all of them. */
function coloursOf(elements: readonly unknown[]): { paper: string; mark: string }[] {
  const { getComputedStyle, document } = globalThis as unknown as {
    getComputedStyle: (element: unknown) => Style;
    document: { body: unknown };
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  return (elements as readonly Element[])
    .filter((element) => !element.matches('.explained'))
    .map((element) => {
      const { fill, stroke } = getComputedStyle(element);
      return { paper, mark: element.matches('.point, rect') ? fill : stroke };
    });
}

/** Of `rgb(1, 2, 3) on rgb(4, 5, 6)`, by WCAG 2.2. */
function contrast(pair: string): number {
  const [mark = 0, paper = 0] = pair.split(' on ').map((colour) => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((channel) => {
      const share = Number(channel) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  return (Math.max(mark, paper) + 0.05) / (Math.min(mark, paper) + 0.05);
}
