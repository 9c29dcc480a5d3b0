import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../scenarios/result/result.ts';
import { CHROMIUM, NEEDS_CHROMIUM } from '../scenarios/testing/chromium.ts';
import { changedResult } from '../reports/testing/changed-result.ts';
import { sampleCampaign } from '../reports/testing/sample-campaign.ts';
import { failedTrial, sampleResult, websocketTrial } from '../reports/testing/sample-result.ts';
import { writeReports, writeRunIndex } from '../reports/write-reports.ts';
import { runFeedbench } from './testing/feedbench-process.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-compare-'));
  const before = sampleCampaign({ variants: 4, name: 'a <b>' });
  await save('before', before);
  await save('after', changedResult(before, { seed: 2, staleness: { websocket: 4 } }));
}, 60_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function save(name: string, result: Result): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, 'result.json');
  await writeFile(path, JSON.stringify(result));
  return path;
}

test('compare ends with the exit code of its rules, writes what was asked for, and adds to the summary of a CI', async () => {
  const [junit, markdown, page, summary] = ['j.xml', 'm.md', 'c.html', 'summary'].map((name) => join(folder, name));
  await writeFile(summary ?? '', 'what was there\n');
  const rules = [
    '--fail-if',
    'ws.staleness.p50 > +10%, polling.staleness.p50 > +10%',
    '--assert',
    'polling.staleness.p50 < 3s',
  ];
  const files = ['--out', page ?? '', '--junit', junit ?? '', '--markdown', markdown ?? ''];
  const results = [join(folder, 'before'), join(folder, 'after', 'result.json')];
  const { code, stdout, stderr } = await runFeedbench(['compare', ...results, ...rules, ...files], {
    env: { GITHUB_STEP_SUMMARY: summary ?? '' },
  });
  expect(stderr).toBe('');
  expect(code).toBe(6);
  expect(stdout).toMatch(/\n {2}FAILS {8}ws\.staleness\.p50 > \+10% {2}WebSocket, memory: \+\d{3} %, /);
  expect(stdout).toMatch(
    /\n {2}holds {8}polling\.staleness\.p50 > \+10% {2}HTTP polling, memory: no difference found /,
  );
  expect(stdout).toMatch(/\n {2}holds {8}polling\.staleness\.p50 < 3s {2}HTTP polling, memory: 1\.\d\d s /);
  const text = await readFile(markdown ?? '', 'utf8');
  expect(text).toContain('**1 of 3 assertions did not hold.**');
  expect(await readFile(summary ?? '', 'utf8')).toBe(`what was there\n${text}`);
  expect(await readFile(page ?? '', 'utf8')).toMatch(/WebSocket, memory was [34]\.\d\d times staler/);
}, 60_000);

test('what is wrong with a comparison is one line', async () => {
  const before = join(folder, 'before');
  const cases = [
    { words: [before], code: 2, says: 'compare takes two results or more' },
    { words: [before, join(folder, 'nowhere')], code: 3, says: 'cannot read' },
    { words: [before, before, '--assert', 'carrier-pigeon.staleness.p50 < 1s'], code: 2, says: 'there is no variant' },
    { words: [before, before, '--fail-if', 'polling.staleness.p50 > 1s'], code: 2, says: 'no change with its sign' },
    { words: [before, before, '--out', '/proc/nowhere'], code: 3, says: 'cannot write' },
    {
      words: [before, before, '--out', join(folder, 'c.html'), '--junit', '/proc/j.xml'],
      code: 3,
      says: 'cannot write',
    },
  ];
  const ends = await Promise.all(cases.map(async ({ words }) => runFeedbench(['compare', ...words])));
  expect(ends.map(({ code }) => code)).toEqual(cases.map(({ code }) => code));
  for (const [index, { stderr }] of ends.entries()) {
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(cases[index]?.says);
  }
}, 60_000);

test('a result whose reports cannot be written is judged all the same', async () => {
  const path = await save('full', sampleResult({ trials: [websocketTrial()], partial: false }));
  await mkdir(join(folder, 'full', 'index.html'));
  const junit = join(folder, 'full.xml');
  const exit = await runFeedbench(['report', path, '--assert', 'websocket.bytes.wire < 100B', '--junit', junit]);
  expect(exit.code).toBe(3);
  expect(exit.stderr).toMatch(/^feedbench: cannot write [^\n]*\n$/);
  expect(exit.stdout).toContain('1 of 1 assertions do not hold');
  expect(await readFile(junit, 'utf8')).toContain('failures="1"');
}, 60_000);

test('a report ends with the exit code of its rules, of which an unreadable result comes first', async () => {
  const lossless = await save('single', sampleResult({ trials: [websocketTrial()], partial: false }));
  const failed = await save('failed', sampleResult({ trials: [failedTrial(websocketTrial().variant)] }));
  const of = async (...words: string[]): Promise<number | null> => (await runFeedbench(['report', ...words])).code;
  expect(await of(lossless, '--assert', 'websocket.bytes.wire < 1kB')).toBe(0);
  expect(await of(lossless, '--assert', 'websocket.bytes.wire < 100B')).toBe(6);
  expect(await of(failed, '--assert', 'websocket.bytes.wire < 1kB')).toBe(6);
  expect(await of(lossless, join(folder, 'nowhere.json'), '--assert', 'websocket.bytes.wire < 100B')).toBe(3);
  expect(await of(lossless, '--assert', 'sse.bytes.wire < 100B')).toBe(2);
}, 60_000);

test('a run does not begin with a rule about what it would not measure', async () => {
  const out = join(folder, 'out');
  const words = ['run', 'ticker', '--transport', 'ws', '--backplane', 'memory', '--out', out];
  const { code, stderr } = await runFeedbench([...words, '--assert', 'polling.staleness.p50 < 1s']);
  expect(code).toBe(2);
  expect(stderr).toBe(
    'feedbench: "polling.staleness.p50 < 1s": there is no variant "polling" in ticker; there are websocket/memory\n',
  );
  await expect(readdir(out)).rejects.toThrow(/ENOENT/);
}, 60_000);

describe('in a browser', NEEDS_CHROMIUM, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch(CHROMIUM);
    for (const name of ['before', 'after'])
      writeReports(join(folder, name), JSON.parse(await readFile(join(folder, name, 'result.json'), 'utf8')) as Result);
    writeRunIndex(folder);
    await runFeedbench(['compare', join(folder, 'before'), join(folder, 'after'), '--out', join(folder, 'c.html')]);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
  });

  async function open(
    name: string,
    view: Parameters<Browser['newPage']>[0],
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage(view);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(join(folder, name)).href);
    return { page, complaints };
  }

  test.each([
    { name: 'c.html', colorScheme: 'light', width: 1280 },
    { name: 'c.html', colorScheme: 'dark', width: 360 },
    { name: 'index.html', colorScheme: 'dark', width: 1280 },
    { name: 'index.html', colorScheme: 'light', width: 360 },
  ] as const)(
    '$name, $colorScheme, $width px: nothing overflows, nothing complains',
    async ({ name, colorScheme, width }) => {
      const { page, complaints } = await open(name, { colorScheme, viewport: { width, height: 800 } });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      const cut = await page.evaluate<number>(
        "[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth + 1).length",
      );
      expect(cut).toBe(0);
      expect(await page.locator('b').count()).toBe(0);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test('ticked runs stand side by side, with the command that compares them', async () => {
    const { page, complaints } = await open('index.html', { viewport: { width: 1280, height: 800 } });
    const [before, after] = ['before', 'after'].map((run) => page.locator(`input[data-run=${run}]`));
    await after?.check();
    expect(await page.locator('#compare-command').isVisible()).toBe(false);
    await before?.check();
    expect(await page.locator('#compare-command').textContent()).toBe(
      `./feedbench compare ${join(folder, 'before')} ${join(folder, 'after')}`,
    );
    expect(await page.locator('#side-by-side tbody tr').count()).toBe(3 * 4);
    expect(await page.locator('#side-by-side svg circle').count()).toBe(3 * 4 * 2);
    await after?.uncheck();
    expect(await page.locator('#side-by-side').innerText()).toBe('');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('without scripts the list has no ticks', async () => {
    const { page } = await open('index.html', { javaScriptEnabled: false });
    expect(await page.locator('input:visible, button:visible').count()).toBe(0);
    expect(await page.locator('.runlist tbody tr').count()).toBeGreaterThan(1);
    await page.close();
  });

  test('JUnit is XML, whatever names there are', async () => {
    const junit = join(folder, 'k.xml');
    const after = join(folder, 'after', 'result.json');
    await runFeedbench(['report', after, '--assert', '*.bytes.wire < 1MB', '--junit', junit]);
    const page = await browser.newPage();
    const text = JSON.stringify(await readFile(junit, 'utf8'));
    const seen = await page.evaluate<unknown[]>(
      `(() => { const xml = new DOMParser().parseFromString(${text}, 'application/xml'); const count = (name) => xml.getElementsByTagName(name).length; return [count('parsererror'), xml.documentElement.getAttribute('tests'), count('testcase'), xml.getElementsByTagName('testsuite')[0].getAttribute('name')]; })()`,
    );
    expect(seen).toEqual([0, '20', 20, 'a <b>']);
    await page.close();
  });
});
