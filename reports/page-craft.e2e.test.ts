import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { largestCampaign } from './testing/largest-campaign.ts';
import { writeReports } from './write-reports.ts';

const DESK = { width: 1280, height: 900 };
const MOST_BYTES = 1_000_000;
const MOST_SCREENS = 20;
/** A4 at 96 dots an inch, without the margins that Chromium leaves. */
const PAPER = { width: 718, height: 1046 };

describe('the craft of the largest page', NEEDS_CHROMIUM, () => {
  let browser: Browser;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'feedbench-craft-'));
    const result = largestCampaign();
    await writeFile(join(folder, 'result.json'), JSON.stringify(result));
    file = writeReports(folder, result);
    browser = await chromium.launch(CHROMIUM);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: readonly string[] }> {
    const page = await browser.newPage({ viewport: DESK, ...options });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    return { page, complaints };
  }

  test('it is a megabyte at most, twenty screens high, and brings no style of its own in an attribute', async () => {
    expect(statSync(file).size).toBeLessThanOrEqual(MOST_BYTES);
    const { page } = await open();
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    expect(height / DESK.height).toBeLessThanOrEqual(MOST_SCREENS);
    const markup = readFileSync(file, 'utf8').replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '');
    expect(markup).not.toMatch(/<[^>]* (style|on\w+)=/);
    await page.close();
  });

  test.each(['light', 'dark'] as const)(
    '%s: nothing is wider than any screen, and nothing complains',
    async (colorScheme) => {
      const { page, complaints } = await open({ colorScheme });
      for (const width of [360, 768, 1280, 2560]) {
        await page.setViewportSize({ width, height: DESK.height });
        expect({ width, lost: await page.evaluate<string[]>(`(${overflowing.toString()})()`) }).toEqual({
          width,
          lost: [],
        });
      }
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test.each(['light', 'dark'] as const)('%s: axe finds nothing', async (colorScheme) => {
    const { page } = await open({ colorScheme });
    await page.evaluate(axe.source);
    const found = await page.evaluate<string[]>(
      'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 200)}`)))',
    );
    expect(found).toEqual([]);
    await page.close();
  });

  test('the legend works by keyboard, and keeps its state on paper and in the other scheme', async () => {
    const { page } = await open();
    const button = page.getByRole('button', { name: 'WebSocket' });
    await button.focus();
    await page.keyboard.press('Space');
    const states = async (): Promise<unknown> =>
      page.evaluate<unknown>(
        `({ pressed: [...document.querySelectorAll('[data-pick]')].filter(({ ariaPressed }) => ariaPressed === 'true').map(({ dataset }) => dataset.pick), standing: [...new Set([...document.querySelectorAll('[data-group]:not(.aside)')].map(({ dataset }) => dataset.group.split('/')[0]))] })`,
      );
    const picked = { pressed: ['websocket'], standing: ['websocket'] };
    expect(await states()).toEqual(picked);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await states()).toEqual(picked);
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    await button.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.aside').count()).toBe(0);
    await page.close();
  });

  test('every link has something at its end', async () => {
    const { page } = await open();
    const links = await page.locator('a').evaluateAll((all) => all.map((link) => (link as { href: string }).href));
    expect(links.length).toBeGreaterThan(5);
    const ids = await page.evaluate<string[]>('[...document.querySelectorAll("[id]")].map(({ id }) => id)');
    const dead = links.filter((link) => {
      const { hash, pathname } = new URL(link);
      const hasTarget = hash === '' || ids.filter((id) => `#${id}` === hash).length === 1;
      return !hasTarget || !existsSync(fileURLToPath(`file://${pathname}`));
    });
    expect(dead).toEqual([]);
    await page.close();
  });

  test('without scripts everything but comfort is there: trials unfold, and nothing offers what does not work', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    expect(await page.getByRole('button').count()).toBe(0);
    const trial = page.locator('#variants tr.trial').first();
    expect(await trial.isVisible()).toBe(false);
    await page.locator('#variants summary').first().click();
    expect(await trial.isVisible()).toBe(true);
    expect(await page.locator('#answer').innerText()).not.toBe('');
    await page.close();
  });

  test('on paper the answer is one page, contents are gone, and trials that are open stay open', async () => {
    const { page } = await open({ viewport: PAPER });
    await page.locator('#variants summary').first().click();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.contents').isVisible()).toBe(false);
    expect(await page.locator('#variants tr.trial').first().isVisible()).toBe(true);
    const end = await page.evaluate<number>(
      `document.querySelector('#answer').getBoundingClientRect().bottom + scrollY`,
    );
    expect(end).toBeLessThanOrEqual(PAPER.height);
    await page.close();
  });
});

/** In the page: what is cut off at its right edge, and is in no box that scrolls and says so. */
declare const document: { querySelectorAll(selector: string): Iterable<Element>; documentElement: Element };
declare const innerWidth: number;
interface Element {
  readonly scrollWidth: number;
  readonly tagName: string;
  readonly className: unknown;
  closest(selector: string): unknown;
  getBoundingClientRect(): { readonly right: number; readonly width: number };
}

function overflowing(): string[] {
  const beyond = [...document.querySelectorAll('main *')]
    .filter((element) => element.closest('.scroll, .spoken, svg') === null)
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map(({ tagName, className }) => `${tagName} ${String(className)}`);
  return document.documentElement.scrollWidth > innerWidth ? ['the page', ...beyond] : beyond;
}
