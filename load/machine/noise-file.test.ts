import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CampaignNoise } from '../../scenarios/result/noise-history.ts';
import { thisMachine } from './environment.ts';
import { addNoise, noisePath, readNoise } from './noise-file.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedbench-noise-'));
  path = noisePath({ XDG_STATE_HOME: folder });
});
afterEach(async () => rm(folder, { recursive: true }));

const CAMPAIGN: CampaignNoise = {
  at: '2026-05-17T14:23:01.000Z',
  machine: thisMachine(),
  windowNs: 6e9,
  spreads: [{ classId: 'prompt', metric: 'staleness.p50', variance: 0.01, degrees: 2 }],
  levels: [{ classId: 'prompt', metric: 'staleness.p50', setting: 'ticker', mean: 14, meanVariance: 0.003 }],
};

test('what is added is there the next time, and nothing else is left in the folder', async () => {
  expect(readNoise(path)).toEqual([]);
  await addNoise(path, [CAMPAIGN]);
  await addNoise(path, [{ ...CAMPAIGN, at: '2026-05-18T14:23:01.000Z' }]);
  expect(readNoise(path).map(({ at }) => at)).toEqual(['2026-05-17T14:23:01.000Z', '2026-05-18T14:23:01.000Z']);
  expect(readNoise(path)[0]).toEqual(CAMPAIGN);
  expect(await readdir(dirname(path))).toEqual(['noise.json']);
});

test.each([
  ['{"schema":"feedbench.noise/1","campaigns":[', /JSON/],
  ['{"schema":"feedbench.noise/2","campaigns":[]}', /its schema is feedbench.noise\/2/],
  ['{"schema":"feedbench.noise/1","campaigns":[{"at":"yesterday"}]}', /campaigns/],
  ['', /empty/],
  [
    JSON.stringify({
      schema: 'feedbench.noise/1',
      campaigns: [{ ...CAMPAIGN, spreads: CAMPAIGN.spreads.map((spread) => ({ ...spread, variance: 1e300 })) }],
    }),
    /variance: Too big/,
  ],
])('a file that is something else is one line that says what to do, and stays: %s', async (text, what) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  expect(() => readNoise(path)).toThrow(what);
  expect(() => readNoise(path)).toThrow(/delete it, and \.\/feedbench calibrate makes a new one/);
  await expect(addNoise(path, [CAMPAIGN])).rejects.toThrow(what);
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('a place that takes no file is said', async () => {
  await writeFile(join(folder, 'feedbench'), '');
  await expect(addNoise(path, [CAMPAIGN])).rejects.toThrow(/history/);
});

test('a state folder that is no absolute path is none, as the specification has it', () => {
  expect(noisePath({ XDG_STATE_HOME: 'state' })).toBe(noisePath({}));
  expect(noisePath({})).toMatch(/\.local\/state\/feedbench\/noise\.json$/);
});

test('where no folder can be made it is said, and waited for nothing', async () => {
  await expect(addNoise(noisePath({ XDG_STATE_HOME: '/proc/none' }), [CAMPAIGN])).rejects.toMatchObject({
    code: 'unwritable',
  });
});
