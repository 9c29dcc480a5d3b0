import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { hasRedis } from '../servers/testing/test-redis.ts';
import { type FeedbenchProcess, startFeedbench } from './testing/feedbench-process.ts';

/** People who talk on the page of `feedbench serve`: by every transport, and at different nodes where Redis is installed. */

const root = dirname(import.meta.dirname);
const OVER_REDIS = ['--backplane', 'redis', '--nodes', '2'];

let served: FeedbenchProcess;
let addresses: string[] = [];

beforeAll(async () => {
  served = startFeedbench(['serve', '--port', '0', ...(hasRedis ? OVER_REDIS : [])]);
  const said = await served.printed(/Ctrl-C ends it/);
  addresses = [...said.matchAll(/at (127\.0\.0\.1:\d+), its doors/g)].map(([, address = '']) => address);
});

afterAll(async () => {
  served.signal('SIGINT');
  const { code, stderr } = await served.exited;
  if (code !== 0 || stderr !== '') throw new Error(`it ended with ${code}, and said: ${stderr}`);
});

interface Person {
  readonly page: Page;
  readonly complaints: readonly string[];
  enter(user: string, room: string, way: number): Promise<void>;
  by(way: number): Promise<void>;
  live(): Promise<void>;
  say(text: string, to?: string): Promise<void>;
  /** Once, from somebody or from itself. */
  hears(text: string): Promise<void>;
}

describe('in a browser', { ...NEEDS_CHROMIUM, timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch(CHROMIUM);
  }, 60_000);

  afterAll(async () => browser.close());

  async function openPerson(node: number, options: Parameters<Browser['newContext']>[0] = {}): Promise<Person> {
    const context = await browser.newContext(options);
    const page = await openPage(context, node);
    const complaints: string[] = [];
    page.on('console', (message) => {
      // Socket.IO's library says goodbye twice where it polls, the second time to a session that is over.
      if (!/\/socket\.io\/.*&sid=/.test(message.location().url))
        complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const live = async (): Promise<void> => page.locator('#conversation[data-state=live]').waitFor();
    return {
      page,
      complaints,
      live,
      enter: async (user, room, way) => {
        await page.fill('#user', user);
        await page.fill('#room', room);
        await page.selectOption('#way', String(way));
        await page.click('#entrance button');
        await live();
      },
      by: async (way) => {
        await page.selectOption('#other-way', String(way));
        await live();
      },
      say: async (text, to = '') => {
        await page.selectOption('#to', to);
        await page.fill('#text', text);
        await page.click('#composer button');
      },
      hears: async (text) => page.locator('#messages li:not(.pending) > p', { hasText: text }).waitFor(),
    };
  }

  async function openPage(context: BrowserContext, node: number): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://${addresses[node % addresses.length]}/chat`);
    return page;
  }

  async function online(page: Page): Promise<string[]> {
    return page.locator('#online bdi').allTextContents();
  }

  test('two people talk by every transport, and see each other come, write and go', async () => {
    const [ann, ben] = [await openPerson(0), await openPerson(1)];
    const ways = await ann.page.locator('#way option').allTextContents();
    await ann.enter('ann', 'den', 0);
    await ben.enter('ben', 'den', 1);
    for (const page of [ann.page, ben.page]) await expect.poll(async () => online(page)).toEqual(['ann', 'ben']);
    for (const [way, label] of ways.entries()) {
      await ann.by(way);
      await ben.by((way + 1) % ways.length);
      await ann.say(`ann by ${label}`);
      await ben.say(`ben after ${label}`);
      for (const person of [ann, ben])
        for (const text of [`ann by ${label}`, `ben after ${label}`]) await person.hears(text);
    }
    // Each once, and in one order.
    const texts = await Promise.all([ann, ben].map(async ({ page }) => page.locator('#messages p').allTextContents()));
    expect(texts[0]).toEqual(texts[1]);
    expect(texts[0]).toHaveLength(2 * ways.length);
    // Nobody left for a moment when they changed their transport.
    expect(await ann.page.locator('#messages .event').allTextContents()).toEqual(['ben is here']);
    await ann.by(ways.indexOf('WebSocket'));
    await ben.page.locator('#text').pressSequentially('hm');
    await ann.page.locator('#typing', { hasText: 'ben is writing' }).waitFor();
    await ben.say('for ann alone', 'ann');
    await ann.page.locator('#messages .private', { hasText: 'to you alone' }).waitFor();
    await ben.page.click('#leave');
    await ann.page.locator('#messages .event', { hasText: 'ben has left' }).waitFor();
    expect([...ann.complaints, ...ben.complaints]).toEqual([]);
    for (const { page } of [ann, ben]) await page.context().close();
  });

  test('names and texts stay text, whatever is in them', async () => {
    const eve = await openPerson(0);
    await eve.enter('eve', 'cellar', 0);
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    const turned = '\u202Eknurd \u2067!';
    for (const text of [hostile, turned, 'after']) await eve.say(text);
    await eve.hears('after');
    expect(await eve.page.locator('#messages p').allTextContents()).toEqual([hostile, turned, 'after']);
    expect(await eve.page.locator('#messages img, #messages script').count()).toBe(0);
    const isolation = await eve.page.evaluate<string>(
      "getComputedStyle(document.querySelector('#messages p')).unicodeBidi",
    );
    expect(isolation).toBe('isolate');
    await eve.page.context().close();
  });

  test.each([
    { name: 'light', colorScheme: 'light', width: 1280 },
    { name: 'dark, on a phone', colorScheme: 'dark', width: 375 },
  ] as const)('the page fits, and axe finds nothing, $name', async ({ colorScheme, width }) => {
    const person = await openPerson(0, { colorScheme, viewport: { width, height: 800 } });
    const check = async (): Promise<void> => {
      await person.page.evaluate(axe.source);
      const found = await person.page.evaluate<string[]>(
        'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 200)}`)))',
      );
      expect(found).toEqual([]);
      expect(await person.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    };
    await check();
    await person.enter('x'.repeat(59), colorScheme.padEnd(59, 'y'), 0);
    await person.say('w'.repeat(500));
    await person.hears('w'.repeat(500));
    await check();
    expect(person.complaints).toEqual([]);
    await person.page.context().close();
  });

  test('somebody at a terminal talks with somebody at the page', async () => {
    const ann = await openPerson(1);
    const ways = await ann.page.locator('#way option').allTextContents();
    await ann.enter('ann', 'bar', ways.indexOf('Server-Sent Events'));
    await ann.page.click('#by-hand summary');
    const [hear = '', say = ''] = await ann.page.locator('#by-hand code').allTextContents();
    const shell = spawn(
      'sh',
      ['-c', `${say.replace('user=ann', 'user=tom')}; ${hear.replace('user=ann', 'user=tom')}`],
      {
        cwd: root,
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    await ann.hears('hello');
    await ann.say('hello, terminal');
    let output = '';
    for await (const chunk of shell.stdout) {
      output += String(chunk);
      if (output.includes('hello, terminal')) break;
    }
    expect(output).toContain('"from":"ann"');
    process.kill(-(shell.pid ?? Number.NaN), 'SIGKILL');
    await ann.page.context().close();
  });
});
