import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { TRANSPORT_IDS } from '../servers/registry.ts';
import { runFeedbench, startFeedbench } from './testing/feedbench-process.ts';

test('a race of nothing that there is is refused', async () => {
  const { code, stderr } = await runFeedbench(['race', '--scenario', 'nothing']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/nothing/);
});

describe('in a browser', { ...NEEDS_CHROMIUM, timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch(CHROMIUM);
  }, 60_000);

  afterAll(async () => browser.close());

  test('every lane shows the feed, counts what it costs, and feels the delay', async () => {
    const run = startFeedbench(['race', '--port', '0']);
    const origin = /open (http:\/\/[\d.]+:\d+)\//.exec(await run.printed(/Ctrl-C ends it/))?.[1] ?? '';
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(origin);
    const lanes = page.locator('.race section');
    const numbers = async (part: string): Promise<number[]> =>
      (await lanes.locator(`.${part}`).allTextContents()).map((text) => Number.parseFloat(text.replaceAll(',', '')));
    const untilAllAreAbove = async (part: string, least: number): Promise<void> => {
      await expect.poll(async () => Math.min(...(await numbers(part))), { timeout: 20_000 }).toBeGreaterThan(least);
    };
    await untilAllAreAbove('bytes', 0);
    await untilAllAreAbove('age', 0);
    expect(await lanes.count()).toBeGreaterThanOrEqual(TRANSPORT_IDS.length);
    // Who asks again for each message, and who asked once before all were there.
    await expect.poll(async () => (await numbers('requests'))[1], { timeout: 20_000 }).toBeGreaterThan(10);
    expect(await lanes.filter({ hasText: 'WebSocket' }).first().locator('.requests').textContent()).toBe('1');
    // Whoever else looks has lines of its own, and moves nobody's delay.
    const other = await browser.newPage();
    await other.goto(origin);
    await other.locator('#delay').fill('200');
    for (const words of ['', '&ms=', '&ms=abc', '&ms=1e9', '&ms=501'])
      expect((await page.request.post(`${origin}/delay?viewer=1${words}`)).status()).toBe(400);
    await other.close();
    await page.locator('#delay').fill('300');
    const arrival = lanes.filter({ hasText: 'WebSocket' }).first().locator('.median');
    await expect
      .poll(async () => Number.parseFloat((await arrival.textContent()) ?? ''), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(300);
    expect(errors).toEqual([]);
    await page.close();
    run.signal('SIGINT');
    expect((await run.exited).code).toBe(0);
  });
});
